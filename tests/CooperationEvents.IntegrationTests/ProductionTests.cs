using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Hosting;
using CooperationEvents.Storage;
using CooperationEvents.Testing;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace CooperationEvents.IntegrationTests;

/// <summary>The service in Production, as a process of its own with the roles of <c>deploy/roles.sql</c> and one settings file.</summary>
public sealed class ProductionTests : IAsyncDisposable
{
    private const string Origin = "https://register.example.org/log";

    /// <summary>What a check of the settings, which connects to nothing, takes for the database.</summary>
    private const string Nowhere = "Host=127.0.0.1;Port=1;Database=register;Username=cooperation_service;Password=any";

    private static readonly (string, string) OverTls = ("X-Forwarded-Proto", "https");

    /// <summary>The key of the log as the command makes it, once for all tests.</summary>
    private static readonly Lazy<Task<string>> SigningKey = new(NewKey);

    private readonly string _data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
    private TestDatabase? _database;

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task From_an_empty_database_to_posts_and_reads_by_keys_of_its_own()
    {
        await using var keys = await TestDatabase.CreateEmpty();
        var ofKeys = await keys.MakeKeyRole();
        var database = await Database();
        var settings = await Settings(database, ofKeys);
        (await Command(settings, "settings", "check")).ShouldBe((0, ""));
        await Prepare(("ConnectionStrings__keys", ofKeys));

        await using (var keyless = Launch(settings))
        {
            (await keyless.Exit(ServiceProcess.StartPatience)).ShouldNotBe(0);
            keyless.Output.ShouldContain("Production starts only with an identity provider or API keys of its own");
        }

        var made = await Command(settings, "access", "create-key", "--owner", "The administrator", "--role", "admin");
        made.Code.ShouldBe(0, made.Output);
        var admin = made.Output.Split('\n').First(line => line.Length == 43);
        await using var service = Launch(settings);
        await service.Ready();

        // The first administrator gives others what they need, and nothing else is needed on the machine.
        var recorder = await service.Post(
            "/v1/access/keys",
            new { owner = "The calendar", role = "recorder" },
            null,
            ("X-Api-Key", admin),
            OverTls
        );
        recorder.Status.ShouldBe(201, recorder.ToString());
        var key = recorder.Json["key"]!.GetValue<string>();
        var posted = await service.Post(
            "/v1/organisations",
            new { name = "DG HOME", shortName = "HOME" },
            null,
            ("X-Api-Key", key),
            OverTls
        );
        posted.Status.ShouldBe(201, posted.ToString());
        var (read, path) = (posted, $"/v1/organisations/{posted.Id}?minPosition={posted.Position}");
        await Wait.Until("what was posted to be read", async () =>
            (read = await service.Get(path, null, ("X-Api-Key", key), OverTls)).Status != 503
        );
        read.Status.ShouldBe(200, read.ToString());
        (await database.Scalar<string>("select user_name from register.mt_events order by seq_id limit 1")).ShouldBe(
            recorder.Json["principalId"]!.GetValue<string>()
        );

        (await service.Get("/v1/organisations", null, ("X-Api-Key", key))).ShouldBeProblem(403, "https-required");
        foreach (var (status, on, name) in new[] { (405, "/v1/audit/events", "DG HOME"), (422, "/v1/organisations", "") })
        {
            var answer = await service.Post(on, new { name }, null, ("X-Api-Key", key), OverTls, ("Host", "register.example.org"));
            answer.Status.ShouldBe(status, answer.ToString());
            answer.Header("Strict-Transport-Security").ShouldBe("max-age=31536000", $"{status}");
        }

        foreach (
            var (status, answer) in new[]
            {
                (400, await service.Get("/v1/organisations", null, ("X-Api-Key", key), OverTls, ("Host", "elsewhere.example.org"))),
                (
                    413,
                    await service.Post("/v1/organisations", new { name = new string('x', 2_000_000) }, null, ("X-Api-Key", key), OverTls)
                ),
            }
        )
        {
            answer.Status.ShouldBe(status, answer.ToString());
            answer.Header("Strict-Transport-Security").ShouldBe("max-age=31536000", $"{status}");
            answer.Header("X-Content-Type-Options").ShouldBe("nosniff", $"{status}");
            answer.Header("Content-Security-Policy").ShouldBe("default-src 'none'; frame-ancestors 'none'", $"{status}");
        }

        // What the trusted proxy adds is believed, and nothing that came with the request.
        (
            await service.Get(
                "/v1/organisations",
                null,
                ("X-Api-Key", "guessed"),
                OverTls,
                ("X-Forwarded-For", "198.51.100.7, 203.0.113.9")
            )
        ).Status.ShouldBe(401);
        var noted = (await service.Get("/v1/audit/security-events?limit=500", null, ("X-Api-Key", admin), OverTls)).Json;
        var addresses = noted["items"]!.AsArray().Where(e => e!.Text("kind") == "wrong-key").Select(e => e!.Text("address"));
        addresses.ShouldBe(["203.0.113.9"]);
        (await service.Get("/health/ready", null)).Status.ShouldBe(200);
        File.Exists(Path.Combine(_data, "dev-keys.json")).ShouldBeFalse();
        (await Command(settings, "access", "list-keys")).Output.ShouldContain("last used");

        // The keys of people are in their own database, of which the register's role knows nothing.
        var person = await service.Post("/v1/people", new { name = "Ana Example" }, null, ("X-Api-Key", admin), OverTls);
        person.Status.ShouldBe(201, person.ToString());
        (await keys.Scalar<long>("select count(*) from keys.person_key where person_id = $1", person.Id)).ShouldBe(1);
        (await database.Scalar<bool>("select to_regclass('keys.person_key') is null")).ShouldBeTrue();
        (await keys.Scalar<bool>("select has_schema_privilege('cooperation_service', 'keys', 'usage')")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_comes_from_no_trusted_proxy_says_nothing_of_where_it_comes_from()
    {
        var database = await Database();
        await using var service = ServiceProcess.Launch(database, _data, ("Proxy__Trusted__0", "192.0.2.1"));
        await service.Ready();

        var answer = await service.Get(
            "/v1/organisations",
            null,
            ("X-Api-Key", "guessed"),
            OverTls,
            ("X-Forwarded-For", "203.0.113.9"),
            ("Forwarded", "for=203.0.113.9")
        );

        answer.Status.ShouldBe(401);
        var noted = (await service.Get("/v1/audit/security-events?limit=500", "auditor")).Json["items"]!.AsArray();
        noted.Where(e => e!.Text("kind") == "wrong-key").Select(e => e!.Text("address")).ShouldBe(["127.0.0.1"]);
    }

    [Fact]
    public async Task Every_setting_that_is_missing_or_wrong_is_named_at_once()
    {
        var (code, said) = await Command(Write(new JsonObject()), "settings", "check");

        code.ShouldBe(1);
        foreach (
            var name in new[]
            {
                "ConnectionStrings:register",
                "Privacy:MasterKey",
                "Audit:Origin",
                "Audit:SigningKey",
                "Audit:AnchorFile",
                "Audit:Replays:DiskBytes",
                "AllowedHosts",
            }
        )
            said.ShouldContain(name);
    }

    [Theory]
    [InlineData("""{"Audit": {"Origin": "https://localhost/log"}}""", "no name of Development")]
    [InlineData("""{"Audit": {"Origin": "http://register.example.org/log"}}""", "must be an https URL")]
    [InlineData("""{"AllowedHosts": "*"}""", "AllowedHosts is missing")]
    [InlineData("""{"Proxy": {"Trusted": ["everywhere"]}}""", "everywhere, which is neither an address nor a network")]
    [InlineData("""{"Proxy": null}""", "keys would travel in the clear")]
    [InlineData("""{"Urls": ""}""", "Urls is missing")]
    [InlineData("""{"Urls": "https://*:8443"}""", "without a certificate")]
    [InlineData("""{"ConnectionStrings": {"register": "Host=db;Username=postgres"}}""", "the history too")]
    [InlineData("""{"ConnectionStrings": {"register": "Hast=db"}}""", "ConnectionStrings:register cannot be read")]
    [InlineData(
        """{"ConnectionStrings": {"register": "Host=DATABASE;Username=cooperation_service;Password=PASSWORD"}}""",
        "is as the file was made"
    )]
    [InlineData(
        """{"ConnectionStrings": {"keys": "Host=db;Username=cooperation_keys;Password=PASSWORD"}}""",
        "ConnectionStrings:keys is as the file was made"
    )]
    [InlineData(
        """{"ConnectionStrings": {"schema": "Host=db;Username=cooperation_schema"}}""",
        "ConnectionStrings:schema is given to a node that serves"
    )]
    [InlineData(
        """{"ConnectionStrings": {"kyes": "Host=db;Username=cooperation_keys"}}""",
        "ConnectionStrings:kyes is no setting. There are ConnectionStrings:Register,"
    )]
    [InlineData("""{"Webhooks": {"AllowPrivateAddresses": true}}""", "Webhooks:AllowPrivateAddresses")]
    [InlineData("""{"Authentification": {}, "Authentification2": "x"}""", "Authentification2 is no setting")]
    [InlineData("""{"Authentication": {"Issuer": "http://provider.example.org"}}""", "must be the https URL of the OpenID provider")]
    [InlineData("""{"Authentication": {"Issuer": "https://provider.example.org"}}""", "Authentication:Audience is missing")]
    [InlineData(
        """{"Authentication": {"Issuer": "https://p.example.org", "Audience": "register", "Algorithms": ["none", "HS256"]}}""",
        "Authentication:Algorithms has HS256"
    )]
    [InlineData(
        """{"Authentication": {"Issuer": "https://p.example.org", "Audience": "register", "Roles": {"clerks": "clerk"}}}""",
        "Authentication:Roles:clerks is clerk"
    )]
    [InlineData(
        """{"Authentication": {"ClientId": "pages", "ClientSecret": "s"}}""",
        "Authentication:ClientId is given without Authentication:Issuer"
    )]
    [InlineData(
        """{"Authentication": {"Issuer": "https://p.example.org", "Audience": "register", "ClientId": "pages"}}""",
        "Authentication:ClientSecret is missing"
    )]
    [InlineData(
        """{"Authentication": {"Issuer": "https://p.example.org", "Audience": "register", "ClientSecret": "s"}}""",
        "without Authentication:ClientId"
    )]
    [InlineData(
        """{"Authentication": {"ClientId": "pages", "SessionMinutes": 100000}}""",
        "Authentication:SessionMinutes is 100000; it must be from 5 to 1440"
    )]
    [InlineData(
        """{"Authentication": {"Issuer": "https://p.example.org", "Audience": "pages", "ClientId": "pages", "ClientSecret": "s"}}""",
        "Authentication:Audience is Authentication:ClientId"
    )]
    [InlineData("""{"ForwardedHeaders_Enabled": "true"}""", "takes everybody's word for where a request comes from")]
    [InlineData("""{"Limits": {"AtOnse": 8}}""", "Limits:AtOnse is no setting. There are Limits:RequestsPerSecond,")]
    [InlineData("""{"Limits": {"AtOnce": 0}}""", "Limits:AtOnce is 0; it must be from 1 to 100000")]
    [InlineData("""{"Feed": {"HeartBeat": "soon"}}""", "Feed:HeartBeat is 'soon', which is no time such as 00:00:15")]
    [InlineData("""{"Authentication": {"ClientId": "pages", "Scopes": ["profile"]}}""", "Authentication:Scopes has no openid")]
    [InlineData("""{"Privacy": {"MasterKey": "abc"}}""", "Privacy:MasterKey must hold the base64 text of 32 random bytes")]
    [InlineData(
        """{"Privacy": {"MasterKey": "", "MasterKeyFile": "none/master.key"}}""",
        "The master key is missing: none/master.key is not there"
    )]
    [InlineData(
        """{"Audit": {"Witnesses": [{"Url": "ftp://x", "Key": "x+y"}]}}""",
        "Audit:Witnesses:0:Url must be the https URL of a witness"
    )]
    [InlineData(
        """{"Audit": {"Witnesses": [{"Url": "ftp://x", "Key": "x+y"}]}}""",
        "Audit:Witnesses:0:Key must be the verifier key of the witness"
    )]
    [InlineData("""{"Audit": {"AnchorFile": "/"}}""", "Audit:AnchorFile is /, which is a directory")]
    [InlineData("""{"Privacy": {"ErasureLedger": "/"}}""", "Privacy:ErasureLedger is /, which is a directory")]
    [InlineData("""{"DATA_DIR": "/etc/passwd/data"}""", "DATA_DIR is /etc/passwd/data, and /etc/passwd is a file")]
    [InlineData("""{"Proxy": {"Trusted": "127.0.0.1"}}""", "Proxy:Trusted is '127.0.0.1', which is no list")]
    [InlineData("""{"Countries": {"UserAssigned": {"GB": "X"}}}""", "Countries:UserAssigned:GB is no country of your own")]
    [InlineData("""{"Countries": {"UserAssigned": {"XK": " "}}}""", "Countries:UserAssigned:XK is empty")]
    [InlineData("""{"Countries": {"UserAssigned": "XK"}}""", "Countries:UserAssigned is 'XK', which is no name with a value")]
    [InlineData("""{"Countries": {"XK": "Kosovo"}}""", "Countries:XK is no setting")]
    [InlineData("""{"Logging": {"LogLevel": {"Default": "loud"}}}""", "Logging:LogLevel:Default is loud; it must be one of Trace,")]
    [InlineData("""{"Logging": {"Console": {"LogLevel": {"Marten": "no"}}}}""", "Logging:Console:LogLevel:Marten is no; it must be")]
    [InlineData("""{"OTEL_EXPORTER_OTLP_ENDPOINT": "collector"}""", "OTEL_EXPORTER_OTLP_ENDPOINT is collector; it must be the URL")]
    [InlineData(
        """{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_HEADERS": "secret"}""",
        "OTEL_EXPORTER_OTLP_HEADERS cannot be read"
    )]
    [InlineData(
        """{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "http"}""",
        "OTEL_EXPORTER_OTLP_PROTOCOL is http; it must be one of grpc, http/protobuf."
    )]
    [InlineData(
        """{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"}""",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is http/json; it must be one of"
    )]
    [InlineData(
        """{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_TIMEOUT": "10s"}""",
        "OTEL_EXPORTER_OTLP_TIMEOUT is 10s; it must be a whole number of milliseconds."
    )]
    [InlineData(
        """{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "0"}""",
        "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT is 0; it must be"
    )]
    [InlineData(
        """{"Logging": {"Console": {"MaxQueueLength": "many"}}}""",
        "Logging:Console:MaxQueueLength is 'many', which it cannot be."
    )]
    [InlineData("""{"Logging": {"Console": {"MaxQueueLength": "0"}}}""", "Logging:Console:MaxQueueLength is '0', which it cannot be.")]
    [InlineData(
        """{"Logging": {"Console": {"QueueFullMode": "lose"}}}""",
        "Logging:Console:QueueFullMode is lose; it must be one of Wait, DropWrite."
    )]
    [InlineData(
        """{"Logging": {"Console": {"FormatterName": "xml"}}}""",
        "Logging:Console:FormatterName is xml; it must be one of simple, json, systemd."
    )]
    [InlineData(
        """{"Logging": {"Console": {"FormatterOptions": {"SingleLine": "perhaps"}}}}""",
        "Logging:Console:FormatterOptions:SingleLine is 'perhaps', which it cannot be."
    )]
    [InlineData(
        """{"Logging": {"Console": {"FormatterName": "json", "FormatterOptions": {"JsonWriterOptions": {"Indented": "so"}}}}}""",
        "Logging:Console:FormatterOptions:JsonWriterOptions:Indented is 'so', which it cannot be."
    )]
    [InlineData("""{"Urls": "http://127.0.0.1:8080;register"}""", "register is nothing to listen on")]
    [InlineData("""{"Urls": "http://127.0.0.1:80800"}""", "http://127.0.0.1:80800 is nothing to listen on")]
    [InlineData("""{"Urls": "http://127.0.0.1:8080/register"}""", "http://127.0.0.1:8080/register is nothing to listen on")]
    [InlineData("""{"Kestrel": {"Endpoints": {"Open": {"Protocols": "Http1"}}}}""", "Kestrel:Endpoints:Open:Url is missing")]
    [InlineData(
        """{"Urls": "https://*:8443", "Kestrel": {"Certificates": {"Default": {"Path": "none.pem", "KeyPath": "/"}}}}""",
        "Kestrel:Certificates:Default:Path is none.pem, and there is no such file"
    )]
    public async Task A_setting_that_would_open_the_door_or_cannot_be_used_is_refused(string changes, string why)
    {
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(await Settings()))!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
        {
            if (value is JsonObject part && settings[name] is JsonObject there)
            {
                foreach (var (inner, to) in part)
                    there[inner] = to?.DeepClone();
            }
            else
            {
                settings[name] = value?.DeepClone();
            }
        }

        Faults(Write(settings)).ShouldContain(fault => fault.Contains(why, StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_be_read_hides_nothing_of_what_is_missing_beside_it()
    {
        var settings = new JsonObject
        {
            ["Limits"] = new JsonObject { ["AtOnce"] = "many" },
            ["Audit"] = new JsonObject { ["Replays"] = new JsonObject { ["DiskBytes"] = "all" } },
            ["Webhooks"] = new JsonObject { ["AllowPrivateAddresses"] = "perhaps" },
        };

        var faults = Faults(Write(settings));
        foreach (
            var named in new[]
            {
                "Limits:AtOnce is 'many'",
                "Audit:Replays:DiskBytes is 'all'",
                "Webhooks:AllowPrivateAddresses is 'perhaps'",
                "ConnectionStrings:register is missing",
                "Privacy:MasterKey",
                "AllowedHosts is missing",
            }
        )
            faults.ShouldContain(fault => fault.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Settings_that_cannot_be_used_stop_the_start_in_development_too()
    {
        await using var service = ServiceProcess.Launch(
            await Database(),
            _data,
            ("Limits__AtOnce", "none"),
            ("Audit__Witness", "x"),
            ("ConnectionStrings__replay", "Hast=db"),
            ("Countries__UserAssigned__GB", "X"),
            ("Logging__LogLevel__Default", "loud"),
            ("Logging__Console__MaxQueueLength", "many"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
            ("DATA_DIR", "/etc/passwd")
        );

        (await service.Exit(ServiceProcess.StartPatience)).ShouldBe(1, service.Output);

        service.Output.ShouldContain("Limits:AtOnce is 'none', which is no whole number.");
        service.Output.ShouldContain("Audit:Witness is no setting.");
        service.Output.ShouldContain("ConnectionStrings:replay cannot be read");
        service.Output.ShouldContain("Countries:UserAssigned:GB is no country of your own");
        service.Output.ShouldContain("Logging:LogLevel:Default is loud;");
        service.Output.ShouldContain("Logging:Console:MaxQueueLength is 'many',");
        service.Output.ShouldContain("OTEL_EXPORTER_OTLP_ENDPOINT is collector;");
        service.Output.ShouldContain("DATA_DIR is /etc/passwd, ");
    }

    [Theory]
    [InlineData("Countries__UserAssigned__GB", "X", "Countries:UserAssigned:GB is no country of your own")]
    [InlineData("Logging__LogLevel__Default", "loud", "Logging:LogLevel:Default is loud;")]
    public async Task Settings_that_cannot_be_used_stop_a_command_too(string name, string value, string why)
    {
        var (code, said) = await ServiceProcess.CommandOfProduction(
            [("COOPERATION_SETTINGS", await Settings()), (name, value)],
            _data,
            "jobs",
            "list"
        );

        code.ShouldBe(1, said);
        said.ShouldStartWith("These settings are wrong:\n- ");
        said.TrimEnd().Split('\n').Length.ShouldBe(2, said);
        said.ShouldContain(why);
    }

    [Fact]
    public async Task An_empty_data_directory_is_none()
    {
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(await Settings()))!.AsObject();
        settings["DATA_DIR"] = "";

        Faults(Write(settings)).ShouldBeEmpty();
    }

    [Fact]
    public async Task People_sign_in_by_cookies_that_go_by_https_to_this_host_alone()
    {
        await using var provider = await IdentityProvider.Start();
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(await Settings(await Database())))!.AsObject();
        settings["Authentication"] = new JsonObject
        {
            ["Issuer"] = provider.Issuer,
            ["Audience"] = "register",
            ["ClientId"] = "register-pages",
            ["ClientSecret"] = "any",
        };
        var path = Write(settings);
        (await Command(path, "settings", "check")).ShouldBe((0, ""));
        await Prepare();
        await using var service = Launch(path);
        await service.Ready();
        using var browser = new Browser(new Uri("https://register.example.org/"), new TlsProxy(service.Url));

        (await browser.Get("/sign-in")).Header("Location")!.ShouldContain("redirect_uri=https%3A%2F%2Fregister.example.org%2Fsigned-in");
        var back = await browser.SignIn("ada", "secretariat");

        (back.Status, back.Header("Location")).ShouldBe((302, "/"), $"{back} {service.Output}");
        foreach (var cookie in browser.Set)
        {
            cookie.ShouldContain("; secure", Case.Insensitive);
            cookie.ShouldContain("; httponly", Case.Insensitive);
        }

        browser
            .Set.Last(cookie => cookie.StartsWith("__Host-cooperation=", StringComparison.Ordinal))
            .ShouldContain("; samesite=strict", Case.Insensitive);
        (await browser.Get("/v1/meetings", ("Sec-Fetch-Site", "same-origin"))).ShouldBeRead();
        (await browser.Post("/sign-out", ("Sec-Fetch-Site", "same-origin"), ("X-Requested-With", "page"))).Status.ShouldBe(200);
        (await browser.Get("/v1/meetings", ("Sec-Fetch-Site", "same-origin"))).ShouldBeProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task Settings_that_others_can_read_are_refused()
    {
        var settings = await Settings();
        if (OperatingSystem.IsWindows())
            return;
        await File.WriteAllTextAsync(
            settings,
            (await File.ReadAllTextAsync(settings)).Replace("AllowedHosts", "AllowedHost", StringComparison.Ordinal)
        );
        File.SetUnixFileMode(settings, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        var (code, said) = await Command(settings, "settings", "check");

        code.ShouldBe(1, said);
        var faults = said.TrimEnd().Split('\n');
        faults.ShouldAllBe(fault => fault.StartsWith("- ", StringComparison.Ordinal));
        faults[0].ShouldContain("can be read or changed by others");
        faults.ShouldContain(fault => fault.Contains("AllowedHosts is missing", StringComparison.Ordinal));
        ShouldBeOneSentence(await Command(settings, "access", "list-keys"), "can be read or changed by others");
    }

    [Theory]
    [InlineData("{\"Urls\": ", "is not JSON")]
    [InlineData(null, "is not there")]
    public async Task A_settings_file_that_cannot_be_read_is_said_in_a_sentence(string? content, string why)
    {
        var settings = Path.Combine(_data, "settings.json");
        if (content is not null)
            settings = Write(content);

        foreach (var command in new[] { new[] { "settings", "check" }, ["access", "list-keys"], [] })
            ShouldBeOneSentence(await Command(settings, command), why);
    }

    [Theory]
    [InlineData]
    [InlineData("access", "list-keys")]
    [InlineData("audit", "recover", "--reason", "any", "--by", "any")]
    [InlineData("jobs", "list")]
    [InlineData("keys", "status")]
    [InlineData("people", "retention")]
    [InlineData("database", "prepare")]
    public async Task A_database_that_cannot_be_reached_is_said_in_a_sentence(params string[] command) =>
        ShouldBeOneSentence(await Command(await Settings(), command), "127.0.0.1:1");

    [Fact]
    public async Task A_command_with_a_retiring_key_of_another_origin_says_so_in_a_sentence()
    {
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(await Settings(await Database())))!.AsObject();
        settings["Audit"]!["RetiringKey"] = AuditLog.SigningKey.Generate("other.example.org/log").ToSecret();
        await Prepare();

        ShouldBeOneSentence(
            await Command(Write(settings), "audit", "recover", "--reason", "any", "--by", "any"),
            "Audit:RetiringKey must have the name of Audit:SigningKey"
        );
    }

    [Fact]
    public async Task A_command_without_a_connection_string_says_so_in_a_sentence() =>
        ShouldBeOneSentence(await Command(Write(new JsonObject()), "jobs", "list"), "ConnectionStrings:register is missing");

    [Theory]
    [InlineData(2, "CooperationEvents database prepare", "database", "nope")]
    [InlineData(2, "CooperationEvents database prepare", "database")]
    [InlineData(2, "CooperationEvents audit new-key", "audit")]
    [InlineData(2, "CooperationEvents audit new-key", "audit", "new-key")]
    [InlineData(2, "CooperationEvents settings check", "settings", "chek")]
    [InlineData(2, "CooperationEvents --help", "serve")]
    [InlineData(0, "CooperationEvents keys rotate", "keys", "rotate", "--help")]
    [InlineData(0, "CooperationEvents access create-key", "help", "access")]
    [InlineData(0, "CooperationEvents ", "--version")]
    public async Task What_may_be_written_is_said_without_any_settings(int code, string words, params string[] command)
    {
        var (ended, output) = await Command(Write(new JsonObject()), command);

        ended.ShouldBe(code, output);
        output.ShouldContain(words);
        output.ShouldNotContain("ConnectionStrings:register");
    }

    [Theory]
    [InlineData("Password", "not this one", "password authentication failed")]
    [InlineData("SSL Mode", "VerifyFull", "SSL")]
    public async Task A_connection_string_that_opens_nothing_is_said_in_a_sentence(string name, string value, string why)
    {
        var database = await Database();
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionStrings["register"]) { [name] = value };
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(await Settings(database)))!.AsObject();
        settings["ConnectionStrings"]!["register"] = connection.ConnectionString;

        ShouldBeOneSentence(await Command(Write(settings)), why);
    }

    [Fact]
    public async Task A_database_with_keys_of_development_is_not_served()
    {
        var database = await Database();
        var settings = await Settings(database);
        await Prepare();
        await database.Rows(
            "insert into access.api_key (hash, principal_id, scopes, development_role) values (sha256('any'), gen_random_uuid(), "
                + "'{admin}', 'admin')"
        );

        await using var service = Launch(settings);

        (await service.Exit(ServiceProcess.StartPatience)).ShouldNotBe(0);
        service.Output.ShouldContain("The database holds keys of Development");
    }

    [Fact]
    public async Task Who_owns_the_tables_does_not_serve_them()
    {
        var database = await Database();
        await Prepare();

        (await Refusal(database.ConnectionStrings["schema"])).ShouldContain("cooperation_schema owns the tables of the register");
    }

    [Fact]
    public async Task A_superuser_of_any_name_does_not_serve_and_makes_nothing()
    {
        var database = await Database();
        var almighty = $"{database.Name}_almighty";
        await database.Rows($"create role {almighty} superuser login password '{almighty}'");
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = almighty, Password = almighty };

            (await Refusal(connection.ConnectionString)).ShouldContain($"{almighty} is a superuser");

            (await database.Scalar<bool>("select to_regnamespace('register') is null")).ShouldBeTrue();
        }
        finally
        {
            await database.Rows($"drop role {almighty}");
        }
    }

    [Fact]
    public async Task A_settings_file_to_begin_with_lacks_nothing_but_what_is_of_the_place()
    {
        var directory = Path.Combine(_data, "etc", "register");
        var path = Path.Combine(directory, "settings.json");

        var (code, said) = await Deploy(Repository.Root, ["production", "new-settings", path, "register.example.org"]);

        code.ShouldBe(0, said);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(directory).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var filled = (await File.ReadAllTextAsync(path))
            .Replace("DATABASE", "127.0.0.1", StringComparison.Ordinal)
            .Replace("PASSWORD", "any", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, filled);
        JsonNode.Parse(filled)!["Privacy"]!["ErasureLedger"]!.GetValue<string>().ShouldBe(Path.Combine(directory, "erasures.ndjson"));
        (await Command(path, "settings", "check")).ShouldBe((0, ""));
    }

    [Theory]
    [InlineData("deploy/register", "compose", "register.example.org")]
    [InlineData("deploy/kubernetes/secrets", "kubernetes", "register.example.org", "10.42.0.0/16")]
    public async Task Secrets_for_containers_lack_nothing_and_give_no_node_the_right_to_change_the_history(
        string directory,
        params string[] arguments
    )
    {
        Directory.CreateDirectory(Path.Combine(_data, "deploy", "kubernetes"));
        foreach (var file in new[] { "new-secrets", "production", "environment.sh", "compose.env.example" })
            File.Copy(Path.Combine(Repository.Root, "deploy", file), Path.Combine(_data, "deploy", file));

        var (code, said) = await Deploy(_data, ["new-secrets", .. arguments]);

        code.ShouldBe(0, said);
        var settings = Path.Combine(_data, directory, "settings.json");
        (await Command(settings, "settings", "check")).ShouldBe((0, ""));
        var (_, refused) = await Command(Path.Combine(_data, directory, "prepare.json"), "settings", "check");
        refused.ShouldBe(
            "- ConnectionStrings:schema is given to a node that serves, and with it the right to change the history. Give it to "
                + "'database prepare' alone.\n"
        );
        var passwords = await File.ReadAllTextAsync(Path.Combine(_data, directory, "passwords.sql"));
        foreach (
            var part in JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_data, directory, "prepare.json")))![
                "ConnectionStrings"
            ]!.AsObject()
        )
        {
            var login = new NpgsqlConnectionStringBuilder(part.Value!.GetValue<string>());
            var role = login.Username!.Replace("cooperation_", "", StringComparison.Ordinal);
            passwords.ShouldContain($"\\set {role}_password {login.Password}\n");
        }
    }

    /// <summary>It ended with 1 and said why, and nothing that is for programmers.</summary>
    private static void ShouldBeOneSentence((int Code, string Output) ended, string why)
    {
        ended.Code.ShouldBe(1, ended.Output);
        ended.Output.Trim().Split('\n').Length.ShouldBe(1, ended.Output);
        ended.Output.ShouldContain(why);
        ended.Output.ShouldNotContain("Exception");
    }

    /// <summary>Starts the service by that connection string, which it must refuse, and returns what it said.</summary>
    private async Task<string> Refusal(string register)
    {
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(await Settings()))!.AsObject();
        settings["ConnectionStrings"]!["register"] = register;
        await using var service = Launch(Write(settings));
        (await service.Exit(ServiceProcess.StartPatience)).ShouldNotBe(0, service.Output);
        return service.Output;
    }

    private async Task<TestDatabase> Database() => _database ??= await TestDatabase.CreateEmpty();

    private async Task Prepare(params IEnumerable<(string Name, string? Value)> more)
    {
        var prepared = await ServiceProcess.CommandOfProduction(
            [("ConnectionStrings__schema", _database!.ConnectionStrings["schema"]), .. more],
            _data,
            "database",
            "prepare"
        );
        prepared.Code.ShouldBe(0, prepared.Output);
    }

    /// <summary>
    /// What <c>settings check</c> says of a settings file, without a process for it: the configuration has its sources in the order in
    /// which a start has them.
    /// </summary>
    private IReadOnlyList<string> Faults(string path)
    {
        using var settings = new ConfigurationManager();
        settings.AddInMemoryCollection([
            new(ProductionSettings.FileVariable, path),
            new("urls", "http://127.0.0.1:1"),
            new("DATA_DIR", _data),
        ]);
        settings.AddEnvironmentVariables("NONE_IS_CALLED_SO_");
        ProductionSettings.Read(settings).ShouldBe((true, null));
        return ProductionSettings.Faults(settings, new ConfiguredOptions(settings));
    }

    private Task<(int Code, string Output)> Command(string settings, params IEnumerable<string> arguments) =>
        ServiceProcess.CommandOfProduction(
            [("COOPERATION_SETTINGS", settings), ("ASPNETCORE_URLS", "http://127.0.0.1:1")],
            _data,
            arguments
        );

    /// <summary>Runs a command of <c>deploy</c>, below that directory, with the build that is tested.</summary>
    private static async Task<(int Code, string Output)> Deploy(string root, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(root, "deploy", arguments[0]), .. arguments.Skip(1)])
        {
            RedirectStandardError = true,
        };
        start.Environment["PROGRAM"] = Path.GetDirectoryName(ServiceProcess.Program);
        using var shell = Process.Start(start)!;
        var said = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return (shell.ExitCode, said);
    }

    private ServiceProcess Launch(string settings) =>
        ServiceProcess.Launch(
            _database!,
            _data,
            [
                ("ASPNETCORE_ENVIRONMENT", "Production"),
                ("COOPERATION_SETTINGS", settings),
                .. _database!.ConnectionStrings.Keys.Select(name => ($"ConnectionStrings__{name}", (string?)null)),
            ]
        );

    /// <summary>What Production needs, in a file.</summary>
    private async Task<string> Settings(TestDatabase? database = null, string? ofKeys = null) =>
        Write(
            new JsonObject
            {
                ["ConnectionStrings"] = new JsonObject
                {
                    ["register"] = database?.ConnectionStrings["register"] ?? Nowhere,
                    ["keys"] = ofKeys ?? "",
                },
                ["Privacy"] = new JsonObject
                {
                    ["MasterKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
                    ["ErasureLedger"] = Path.Combine(_data, "erasures.ndjson"),
                },
                ["Audit"] = new JsonObject
                {
                    ["Origin"] = Origin,
                    ["SigningKey"] = await SigningKey.Value,
                    ["AnchorFile"] = Path.Combine(_data, "checkpoints.ndjson"),
                    ["Replays"] = new JsonObject { ["DiskBytes"] = 1_000_000_000L },
                },
                ["AllowedHosts"] = "register.example.org;127.0.0.1",
                ["Proxy"] = new JsonObject { ["Trusted"] = new JsonArray("127.0.0.1") },
            }
        );

    private static async Task<string> NewKey()
    {
        var data = Directory.CreateTempSubdirectory("cooperation-test-");
        var (code, key) = await ServiceProcess.CommandOfProduction([], data.FullName, "audit", "new-key", "--origin", Origin);
        data.Delete(recursive: true);
        code.ShouldBe(0, key);
        return key.Trim();
    }

    private string Write(JsonNode settings) => Write(JsonSerializer.Serialize(settings));

    private string Write(string settings)
    {
        var path = Path.Combine(_data, $"settings-{Guid.NewGuid():n}.json");
        File.WriteAllText(path, settings);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>What stands before the service and ends TLS.</summary>
    private sealed class TlsProxy(Uri service)
        : DelegatingHandler(
            new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false,
                UseCookies = false,
            }
        )
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Host = request.RequestUri!.Authority;
            request.Headers.Add(OverTls.Item1, OverTls.Item2);
            request.RequestUri = new Uri(service, request.RequestUri.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
