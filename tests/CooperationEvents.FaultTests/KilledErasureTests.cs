using System.Text;
using CooperationEvents.Privacy;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.FaultTests;

/// <summary>
/// The service is killed at every step of an erasure, one after the other, and the next one goes on. What the steps are is seen while
/// they are taken: everything that an erasure writes to is held by somebody else, and let go where it came to stand.
/// </summary>
public sealed class KilledErasureTests
{
    private const string BeforeTheLedger = "ingestion.import_refusal";
    private const string LedgerFile = "the ledger";
    private const string Destroyed = "the note that the keys are destroyed";
    private const string Done = "the note that all is done";

    private static readonly (string Name, int Lock, string Column)[] Notes = [(Destroyed, 41, "destroyed_at"), (Done, 42, "done_at")];

    /// <summary>What is written by one statement, or in one transaction, is one step, called by the first of it.</summary>
    private static readonly string[][] Together =
    [
        [BeforeTheLedger, "ingestion.import"],
        ["keys.person_key", "keys.field_salt", "keys.signal"],
        ["register.mt_events", "recording.rule_turn", "recording.likeness"],
        ["recording.rehearsed_reference", "recording.rehearsed_event", "recording.rehearsed_likeness"],
    ];

    /// <summary>The steps that are known: none falls away unseen. A new one is found and killed at, without standing here.</summary>
    private static readonly string[] Known =
    [
        "keys.erasure",
        BeforeTheLedger,
        LedgerFile,
        "keys.erased_digest",
        "keys.person_key",
        Destroyed,
        "register.mt_events",
        "recording.external_reference",
        "recording.remembered_answer",
        "recording.told_duplicate",
        "recording.rehearsed_reference",
        Done,
    ];

    [Fact]
    public async Task An_erasure_whose_service_is_killed_at_each_of_its_steps_is_finished()
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        var service = await ServiceProcess.Start(database, data.Path);
        try
        {
            Guid[] people = [await Person(service), await Person(service)];
            (await service.Post($"/v1/people/{people[0]}/merge", new { into = people[1], reason = "one mailbox" })).ShouldBeAccepted();
            await ReportsOn(service, database);
            var seen = new List<string>();
            await using var holds = await Holds.Of(database, data.Path);
            while (true)
            {
                if (await database.Scalar<bool>("select not exists (select from keys.erasure)"))
                {
                    await service.Ready();
                    _ = Crowd.OrGone(service.Post($"/v1/people/{people[0]}/erase", new { reason = "asked for on paper" }, "privacy"));
                }

                string? stands = null;
                await Wait.Until("the erasure to stand at a step, or to be done", async () =>
                    (stands = await holds.Stands(service.Output)) is not null
                    || await database.Scalar<bool>("select coalesce((select done_at is not null from keys.erasure), false)")
                );
                if (stands is null)
                    break;
                service.Kill();
                await service.DisposeAsync();
                seen.Add(stands);
                if (stands != BeforeTheLedger)
                    await holds.Release(stands);

                // An erasure waits for a node that has gone without a word: here it is known to hold no key any more.
                await database.Rows("delete from keys.node");
                service = ServiceProcess.Launch(database, data.Path);
                if (stands != BeforeTheLedger)
                    continue;

                // Every start looks at the ledger: it is held once the node serves.
                await service.Ready();
                await Wait.Until("the erasure to stand there again", async () => await holds.Stands(service.Output) == BeforeTheLedger);
                holds.HoldLedger();
                await holds.LetGo(BeforeTheLedger);
            }

            Figures.Show($"Killed at {string.Join(", ", seen)}");
            Known.Except(seen).ShouldBeEmpty();
            await service.Ready();
            (await database.Scalar<long>("select count(*) from register.mt_events where type = 'person_erased'")).ShouldBe(2);
            (
                await database.Scalar<long>(
                    "select count(*) from keys.person_key where person_id = any($1) and state = 'destroyed' and wrapped is null",
                    people
                )
            ).ShouldBe(2);
            (await database.Scalar<long>("select count(*) from recording.external_reference where stream_id = any($1)", people)).ShouldBe(
                0
            );
            (
                await database.Scalar<long>(
                    "select count(*) from recording.remembered_answer where stream_id = any($1) and body_digest <> ''",
                    people
                )
            ).ShouldBe(0);
            (await database.Scalar<long>("select count(*) from recording.likeness where stream_id = any($1)", people)).ShouldBe(0);
            (await database.Scalar<long>("select count(*) from ingestion.import_refusal")).ShouldBe(0);
            (await database.Scalar<long>("select count(*) from keys.erased_digest")).ShouldBe(4);
            (await File.ReadAllLinesAsync(Path.Combine(data.Path, ErasureLedger.FileName))).Length.ShouldBe(1);
            foreach (var person in people)
            {
                var read = await service.ReadAt($"/v1/people/{person}", await database.LastPosition());
                read.Json["erased"]!.GetValue<bool>().ShouldBeTrue(read.Text);
                (await service.Post($"/v1/people/{person}/correct", new { reason = "misspelt", name = "Grace" })).Status.ShouldBe(410);
            }
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private static string StepOf(string table) => Together.FirstOrDefault(tables => tables.Contains(table), [table])[0];

    /// <summary>A report of an import that names the person, since its row was refused.</summary>
    private static async Task ReportsOn(ServiceProcess service, TestDatabase database)
    {
        using var rows = new StringContent(
            """
            {"command":"record-attendance","data":{"meetingId":{"system":"none","id":"none"},"attendees":[{"personId":{"system":"old",
            "id":"Grace Hopper"},"organisationId":{"system":"none","id":"none"},"status":"attended"}]}}
            """.ReplaceLineEndings(""),
            Encoding.UTF8,
            "application/x-ndjson"
        );
        var posted = await service.PostFile("/v1/imports", rows);
        posted.Status.ShouldBe(202, posted.ToString());
        await Wait.Until("the import's end", async () =>
            (await service.Get(posted.Header("Location")!, "recorder")).Json["state"]!.GetValue<string>() == "completed"
        );
        (await database.Scalar<long>("select count(*) from ingestion.import_refusal")).ShouldBe(1);
    }

    /// <summary>What an erasure could write to, each held until an erasure stood at it.</summary>
    private sealed class Holds : IAsyncDisposable
    {
        private readonly Dictionary<string, (NpgsqlConnection Connection, NpgsqlTransaction Transaction)> _held = [];
        private readonly TestDatabase _database;
        private readonly string _ledger;
        private bool _holdsLedger;

        private Holds(TestDatabase database, string data) =>
            (_database, _ledger) = (database, Path.Combine(data, ErasureLedger.FileName + ".lock"));

        public static async Task<Holds> Of(TestDatabase database, string data)
        {
            foreach (var (_, number, column) in Notes)
            {
                await database.Rows(
                    $"""
                    create function hold_{column}() returns trigger language plpgsql security definer as $hold$
                    begin perform pg_advisory_xact_lock({number}); return new; end $hold$;
                    create trigger hold_{column} before update on keys.erasure for each row
                        when (new.{column} is not null and old.{column} is null) execute function hold_{column}()
                    """
                );
            }

            var holds = new Holds(database, data);
            foreach (var (name, number, _) in Notes)
                await holds.Hold(name, $"select pg_advisory_xact_lock({number})");
            var tables = await database.Rows(
                """
                    select relnamespace::regnamespace || '.' || relname from pg_class
                    where relkind = 'r' and (relnamespace::regnamespace::text in ('keys', 'recording', 'ingestion')
                        and oid not in ('keys.node'::regclass, 'keys.service_key'::regclass, 'recording.settled_position'::regclass)
                        or oid = 'register.mt_events'::regclass)
                """
            );
            foreach (var step in tables.Select(row => (string)row[0]!).GroupBy(StepOf))
                await holds.Hold(step.Key, $"lock table {string.Join(", ", step)} in share row exclusive mode");
            return holds;
        }

        /// <summary>Where the erasure stands, by what waits in the database and what the service said; null where it does not.</summary>
        public async Task<string?> Stands(string said)
        {
            var rows = await _database.Rows(
                """
                select coalesce(relation::regclass::text, objid::text) from pg_locks
                where not granted and database = (select oid from pg_database where datname = current_database())
                """
            );
            foreach (var row in rows)
            {
                var name = Notes.Where(n => $"{n.Lock}" == (string)row[0]!).Select(n => n.Name).FirstOrDefault(StepOf((string)row[0]!));
                if (_held.ContainsKey(name))
                    return name;
            }

            return _holdsLedger && said.Contains(_ledger, StringComparison.Ordinal) ? LedgerFile : null;
        }

        /// <summary>A directory where the lock file should be. A node cannot open it, logs that, and tries again.</summary>
        public void HoldLedger()
        {
            File.Delete(_ledger);
            Directory.CreateDirectory(_ledger);
            _holdsLedger = true;
        }

        public async Task Release(string name)
        {
            // A statement that waits outlives who sent it, and would go on once the place is free.
            await _database.Rows(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and usename like 'cooperation%' and pid <> pg_backend_pid()
                """
            );
            if (name == LedgerFile)
            {
                Directory.Delete(_ledger);
                _holdsLedger = false;
                return;
            }

            await LetGo(name);
        }

        public async Task LetGo(string name)
        {
            var (connection, transaction) = _held[name];
            _held.Remove(name);
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (connection, transaction) in _held.Values)
            {
                await transaction.DisposeAsync();
                await connection.DisposeAsync();
            }
        }

        private async Task Hold(string name, string sql)
        {
            var connection = await _database.Source.OpenConnectionAsync();
            var transaction = await connection.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand($"set local idle_in_transaction_session_timeout = 0; {sql}", connection, transaction);
            await hold.ExecuteNonQueryAsync();
            _held.Add(name, (connection, transaction));
        }
    }

    private static async Task<Guid> Person(ServiceProcess service)
    {
        var one = Guid.NewGuid().ToString("n");
        return (
            await service.Post(
                "/v1/people",
                new
                {
                    name = "Grace Hopper",
                    email = $"{one}@example.org",
                    externalReference = new { system = "hr", id = one },
                },
                headers: ("Idempotency-Key", one)
            )
        ).ShouldBeAccepted(201).Id;
    }
}
