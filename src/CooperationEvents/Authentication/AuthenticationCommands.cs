using System.Globalization;
using CooperationEvents.Kernel;
using Npgsql;

namespace CooperationEvents.Authentication;

/// <summary>API keys from the command line: how the first administrator of a register gets one.</summary>
public static class AuthenticationCommands
{
    public const string Usage = """
        CooperationEvents access create-key --owner NAME (--role ROLE | --scope SCOPE ...) [--source NAME ...] [--days N]
        CooperationEvents access create-key --owner NAME --calendar-of FRAMEWORK [--days N]

          Makes a principal with that name in the directory, and a key for it, which is printed and
          shown nowhere again. N is 365 where it is absent. Where sources are given the key
          names these alone as the source of what it posts, else any. A key that is rotated
          lasts as long as the one before where N is absent.

        CooperationEvents access list-keys
        CooperationEvents access rotate-key ID [--overlap-hours N] [--days N]
        CooperationEvents access revoke-key ID
        CooperationEvents access end-principal ID [--erase-name]

          With the settings of the service. Nodes know of it within 10 seconds.
        """;

    /// <summary>Whether the arguments are one of these commands.</summary>
    public static bool Takes(string[] args) => args is ["access", ..];

    /// <summary>
    /// Runs the command; the exit code is 0 where it was done, 1 where it was refused or failed, 2 where it was not understood.
    /// </summary>
    public static async Task<int> Run(IServiceProvider services, string[] args, CancellationToken cancellation = default)
    {
        var requests = services.GetRequiredService<ApiKeyRequests>();
        try
        {
            var code = args switch
            {
                ["access", "create-key", .. var options] => await Create(requests, options, cancellation),
                ["access", "list-keys"] => await List(services.GetRequiredService<ApiKeys>(), cancellation),
                ["access", "rotate-key", var id, .. var options] when Uuid.Read(id) is { } key => await Rotate(
                    requests,
                    key,
                    options,
                    cancellation
                ),
                ["access", "revoke-key", var id] when Uuid.Read(id) is { } key => await Said(
                    await requests.Revoke(key, null, "", cancellation),
                    "The key is revoked.",
                    "There is no such key."
                ),
                ["access", "end-principal", var id, .. var options]
                    when Uuid.Read(id) is { } principal && options is [] or ["--erase-name"] => await Said(
                    await requests.End(principal, options.Length > 0, null, "", cancellation),
                    "The principal has ended.",
                    "There is no such principal."
                ),
                _ => 2,
            };
            if (code == 2)
                await Console.Error.WriteLineAsync(Usage);
            await services.GetRequiredService<SecurityEvents>().Flush(cancellation);
            return code;
        }
        catch (NpgsqlException refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    private static async Task<int> Create(ApiKeyRequests requests, string[] options, CancellationToken cancellation)
    {
        if (Pairs(options, "--owner", "--role", "--scope", "--calendar-of", "--source", "--days") is not { } pairs)
            return 2;
        var (days, understood) = Days(pairs);
        if (!understood)
            return 2;
        var scopes = All(pairs, "--scope");
        var calendar = One(pairs, "--calendar-of");
        var framework = Uuid.Read(calendar);
        if (calendar is not null && framework is null)
            return 2;
        var asked = new NewApiKey(null, One(pairs, "--owner"), One(pairs, "--role"), scopes, framework, days, All(pairs, "--source"));
        return await Show(await requests.Make(asked, null, "", under: null, cancellation));
    }

    private static async Task<int> Rotate(ApiKeyRequests requests, Guid key, string[] options, CancellationToken cancellation)
    {
        if (Pairs(options, "--overlap-hours", "--days") is not { } pairs)
            return 2;
        var (days, understood) = Days(pairs);
        if (!understood)
            return 2;
        int? overlap = null;
        if (One(pairs, "--overlap-hours") is { } hours)
        {
            if (!int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return 2;
            overlap = number;
        }

        return await Show(await requests.Rotate(key, new RotateApiKey(overlap, days), null, "", under: null, cancellation));
    }

    private static async Task<int> List(ApiKeys keys, CancellationToken cancellation)
    {
        var after = 0L;
        while (await keys.List(after, 100, cancellation) is { Count: > 0 } page)
        {
            foreach (var (_, key) in page)
            {
                var state =
                    key.RevokedAt is { } at ? $"revoked {at:u}"
                    : key.ExpiresAt is { } ends ? $"until {ends:u}"
                    : "without end";
                var used = key.LastUsedAt is { } last ? $"last used {last:u}" : "never used";
                var held = key.Sources.Count == 0 ? "" : $"  sources {string.Join(", ", key.Sources)}";
                var may = $"{string.Join(' ', key.Scopes)}{held}";
                await Console.Out.WriteLineAsync($"{key.Id}  principal {key.PrincipalId}  {may}  {state}, {used}");
            }

            after = page[^1].Number;
        }

        return 0;
    }

    private static async Task<int> Show((ApiKeyAnswer? Made, Problem? Problem) outcome)
    {
        if (outcome.Problem is { } refused)
        {
            await Console.Error.WriteLineAsync(
                refused.Errors.Count == 0 ? refused.Detail : string.Join('\n', refused.Errors.Select(e => e.Detail))
            );
            return 1;
        }

        // The key alone on the standard output, so that a command can take it from there.
        await Console.Error.WriteLineAsync(
            $"key {outcome.Made!.Id} of principal {outcome.Made.PrincipalId}, until {outcome.Made.ExpiresAt:u}; it is not shown again:"
        );
        await Console.Out.WriteLineAsync(outcome.Made.Key);
        return 0;
    }

    private static async Task<int> Said(bool done, string yes, string no)
    {
        await (done ? Console.Out : Console.Error).WriteLineAsync(done ? yes : no);
        return done ? 0 : 1;
    }

    /// <summary>Options with their values; null where one is not known or has none.</summary>
    private static List<(string Name, string Value)>? Pairs(string[] options, params string[] known) =>
        options.Length % 2 == 0 && options.Chunk(2).All(p => known.Contains(p[0])) ? [.. options.Chunk(2).Select(p => (p[0], p[1]))] : null;

    private static string? One(List<(string Name, string Value)> pairs, string name) => pairs.LastOrDefault(p => p.Name == name).Value;

    /// <summary>The values of an option that may be given several times; null where it is not given.</summary>
    private static ValueList<string>? All(List<(string Name, string Value)> pairs, string name) =>
        pairs.Where(p => p.Name == name).Select(p => p.Value).ToArray() is { Length: > 0 } values ? [.. values] : null;

    private static (int? Days, bool Understood) Days(List<(string Name, string Value)> pairs) =>
        One(pairs, "--days") switch
        {
            null => (null, true),
            var text
                when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days)
                    && days is >= 1 and <= ApiKeyRequests.LongestDays => (days, true),
            _ => (null, false),
        };
}
