using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CooperationEvents.IntegrationTests.Audit;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// docs/operators.md is followed as it stands, from an empty PostgreSQL of the test's own to a register that answers by https through the
/// proxy of the example, and to a rebuild. What is not run here is run by the test that stands beside it.
/// </summary>
public sealed partial class OperatorTests
{
    /// <summary>By how a command begins: the test that runs it, or tries the settings.</summary>
    private static readonly (string Command, Type In, string Test)[] Elsewhere =
    [
        (
            "CooperationEvents access rotate-key",
            typeof(ApiKeyTests),
            nameof(ApiKeyTests.A_key_is_rotated_and_revoked_from_the_command_line)
        ),
        (
            "CooperationEvents access revoke-key",
            typeof(ApiKeyTests),
            nameof(ApiKeyTests.A_key_is_rotated_and_revoked_from_the_command_line)
        ),
        (
            "CooperationEvents access end-principal",
            typeof(ApiKeyTests),
            nameof(ApiKeyTests.A_key_is_rotated_and_revoked_from_the_command_line)
        ),
        (
            "CooperationEvents keys",
            typeof(MasterKeyTests),
            nameof(MasterKeyTests.Keys_are_wrapped_anew_while_the_service_runs_and_the_old_generation_is_not_needed_then)
        ),
        (
            "CooperationEvents audit recover",
            typeof(RestoredDatabaseTests),
            nameof(RestoredDatabaseTests.There_is_nothing_to_recover_where_log_and_anchor_agree)
        ),
        ("CooperationEvents jobs", typeof(JobTests), nameof(JobTests.A_job_that_failed_is_forgotten_where_an_operator_says_so)),
        (
            "\"Authentication\"",
            typeof(ProductionTests),
            nameof(ProductionTests.A_setting_that_would_open_the_door_or_cannot_be_used_is_refused)
        ),
    ];

    /// <summary>Before the first of these commands nodes are stopped, as the text says.</summary>
    private static readonly string[] Alone = ["CooperationEvents database"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task The_guide_leads_from_an_empty_machine_to_a_register_that_answers_and_is_rebuilt()
    {
        await using var postgres = await PrivatePostgres.Start(ephemeral: true);
        var data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        try
        {
            var (code, said) = await Follow(new NpgsqlConnectionStringBuilder(postgres.ConnectionString), data);

            code.ShouldBe(0, said);
            foreach (var shown in new[] { "the settings are complete", "\nready", "\"principalId\":", "until " })
                said.ShouldContain(shown);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public void What_is_left_out_stands_in_the_guide_and_is_run_by_a_test()
    {
        foreach (var (command, type, test) in Elsewhere)
        {
            Commands().ShouldContain(c => c.StartsWith(command, StringComparison.Ordinal), command);
            type.GetMethod(test)!.IsDefined(typeof(FactAttribute), inherit: true).ShouldBeTrue(test);
        }
    }

    [Fact]
    public async Task The_unit_of_the_example_is_one()
    {
        var path = Path.Combine(Repository.Root, "deploy", "cooperation-events.service");
        var text = await File.ReadAllTextAsync(path);
        Assignment().Count(text).ShouldBe(text.Split('\n').Count(line => line.Length > 0 && line[0] is not ('#' or '[')));
        if (!Has("systemd-analyze"))
            return;
        var copy = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        try
        {
            var unit = Path.Combine(copy, "cooperation-events.service");
            await File.WriteAllTextAsync(unit, text.Replace("/usr/bin/dotnet", "/bin/true", StringComparison.Ordinal));
            var (code, said) = await Run(new ProcessStartInfo("systemd-analyze", ["verify", unit]));
            code.ShouldBe(0, said);
            said.ShouldNotContain("cooperation-events.service");
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static async Task<(int Code, string Said)> Follow(NpgsqlConnectionStringBuilder server, string data)
    {
        var (http, https, plain) = (FreePort.Find(), FreePort.Find(), FreePort.Find());
        var lines = new List<string> { "set -euo pipefail", Prelude, Has("nginx") ? Proxy : NoProxy };
        var alone = false;
        foreach (var command in Commands())
        {
            if (Elsewhere.Any(e => command.StartsWith(e.Command, StringComparison.Ordinal)))
                continue;
            if (!alone && Alone.Any(a => command.StartsWith(a, StringComparison.Ordinal)))
            {
                alone = true;
                lines.Add("stop");
            }

            lines.Add(
                command == "CooperationEvents" ? "serve"
                : command.StartsWith("CooperationEvents database prepare", StringComparison.Ordinal) ? $"as schema {command}"
                : command.StartsWith("CooperationEvents database rebuild", StringComparison.Ordinal) ? $"as rebuild {command}"
                : command
                    .Replace("passwords.sql", "\"$DATA\"/passwords.sql", StringComparison.Ordinal)
                    .Replace("/etc/register/settings.json", "\"$SETTINGS\"", StringComparison.Ordinal)
                    .Replace("127.0.0.1:8080", "127.0.0.1:$HTTP", StringComparison.Ordinal)
                    .Replace("https://register.example.org", "$OUTSIDE", StringComparison.Ordinal)
                    .Replace("'Host=…", "\"Host=127.0.0.1;Port=$PGPORT", StringComparison.Ordinal)
                    .Replace("Password=…'", "Password=$(password schema)\"", StringComparison.Ordinal)
            );
            if (command.StartsWith("deploy/production new-settings", StringComparison.Ordinal))
                lines.Add("fill_in");
            if (command.Contains("create-key --owner \"Register administration\"", StringComparison.Ordinal))
                lines[^1] = $"KEY=$({lines[^1]} | grep -E '^.{{43}}$'); export KEY";
        }

        lines.Add("stop");
        var script = Path.Combine(data, "operators.sh");
        await File.WriteAllLinesAsync(script, lines);
        var start = new ProcessStartInfo("bash", [script]) { WorkingDirectory = Repository.Root };
        foreach (
            var (name, value) in new[]
            {
                ("DATA", data),
                ("SETTINGS", Path.Combine(data, "etc", "register", "settings.json")),
                ("PROGRAM", Path.GetDirectoryName(ServiceProcess.Program)!),
                ("HTTP", http.ToString(CultureInfo.InvariantCulture)),
                ("HTTPS", https.ToString(CultureInfo.InvariantCulture)),
                ("PLAIN", plain.ToString(CultureInfo.InvariantCulture)),
                ("PGHOST", server.Host!),
                ("PGPORT", server.Port.ToString(CultureInfo.InvariantCulture)),
                ("PGUSER", server.Username!),
                ("PGPASSWORD", server.Password!),
            }
        )
            start.Environment[name] = value;
        foreach (var name in start.Environment.Keys.Where(n => n.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        return await Run(start);
    }

    private const string Prelude = """
        CooperationEvents() { deploy/production "$SETTINGS" "$@"; }
        password() { sed -n "s/.set $1_password //p" "$DATA/passwords.sql"; }
        # As a role of the database, for a command that the service is not: as ROLE CooperationEvents COMMAND …
        as() {
          local login="Host=127.0.0.1;Port=$PGPORT;Database=register;Username=cooperation_$1;Password=$(password "$1")"
          env "ConnectionStrings__$1=$login" deploy/production "$SETTINGS" "${@:3}"
        }
        fill_in() {
          local role
          sed -i "s/DATABASE/127.0.0.1;Port=$PGPORT/; s/;SSL Mode=VerifyFull//; s/127.0.0.1:8080/127.0.0.1:$HTTP/" "$SETTINGS"
          for role in service replay keys; do sed -i "/cooperation_$role/s/PASSWORD/$(password "$role")/" "$SETTINGS"; done
        }
        serve() {
          proxy
          deploy/production "$SETTINGS" >>"$DATA/service.log" 2>&1 &
          service=$!
        }
        stop() {
          [[ -z ${service:-} ]] || { kill -TERM "$service"; wait "$service" || true; }
          service=
          if [[ -s $DATA/nginx.pid ]]; then kill "$(<"$DATA/nginx.pid")"; fi
        }
        trap 'cat "$DATA/service.log" >&2 2>/dev/null; stop' EXIT
        """;

    /// <summary>The proxy of the example, with ports, a certificate and files of the test's own.</summary>
    private const string Proxy = """
        OUTSIDE=https://register.example.org:$HTTPS
        proxy() {
          openssl req -x509 -newkey rsa:2048 -nodes -keyout "$DATA/tls.key" -out "$DATA/tls.crt" -days 2 -subj /CN=register.example.org \
            -addext subjectAltName=DNS:register.example.org 2>/dev/null
          {
            echo "pid $DATA/nginx.pid; error_log $DATA/nginx.log; events {} http { access_log off;"
            for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $DATA/$kind;"; done
            sed "s#/etc/register/#$DATA/#; s/:8080/:$HTTP/; s/listen 443/listen 127.0.0.1:$HTTPS/; s/listen 80/listen 127.0.0.1:$PLAIN/
              /listen .*::/d" deploy/nginx.conf
            echo "}"
          } >"$DATA/nginx.conf"
          nginx -e "$DATA/nginx.log" -c "$DATA/nginx.conf"
        }
        curl() { command curl --retry 60 --retry-all-errors --retry-delay 1 --resolve "register.example.org:$HTTPS:127.0.0.1" --cacert "$DATA/tls.crt" "$@"; }
        """;

    private const string NoProxy = """
        OUTSIDE=http://register.example.org:$HTTP
        proxy() { :; }
        curl() {
          command curl --retry 60 --retry-all-errors --retry-delay 1 --resolve "register.example.org:$HTTP:127.0.0.1" \
            -H 'X-Forwarded-Proto: https' "$@"
        }
        """;

    /// <summary>The commands of the guide in their order, each once: what is indented by four blanks.</summary>
    private static IEnumerable<string> Commands()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operators.md")).Replace("\\\n", "", StringComparison.Ordinal);
        return Indented().Matches(text).Select(m => m.Groups[1].Value).Where(c => c is not "}" && !c.StartsWith(' ')).Distinct();
    }

    private static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(place => File.Exists(Path.Combine(place, program)));

    private static async Task<(int Code, string Said)> Run(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, output + await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    [GeneratedRegex("^    (.+)$", RegexOptions.Multiline)]
    private static partial Regex Indented();

    [GeneratedRegex("^[A-Za-z]+=.*$", RegexOptions.Multiline)]
    private static partial Regex Assignment();
}
