using System.Text.Json.Nodes;
using CooperationEvents.Kernel;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>A register with something in every kind of read model, which may be damaged.</summary>
public sealed class ReplayedRegister : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public RegisterHost Host { get; private set; } = null!;

    public Guid Meeting { get; private set; }

    internal Cooperation Cooperation { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Database = await TestDatabase.Create();
        Host = await RegisterHost.Start(
            Database,
            settings: [("Audit:CheckpointMilliseconds", "50"), ("Audit:Replays:Share", "100"), ("Audit:Replays:RowsAtOnce", "40")]
        );
        Cooperation = await Cooperation.Start(Host);
        Meeting = (await Cooperation.Schedule()).Id;
        var people = await Cooperation.People(8);
        await Cooperation.Do($"/v1/meetings/{Meeting}/hold", new { });
        await Cooperation.Do(
            $"/v1/meetings/{Meeting}/attendance",
            new { attendees = people.Select(p => Cooperation.Attendee(p, status: "attended")) }
        );
        await Cooperation.Do(
            $"/v1/meetings/{Meeting}/delegations",
            new
            {
                organisationId = Cooperation.Iom,
                count = 4,
                precision = "exact",
            }
        );
        await Cooperation.Do(
            $"/v1/meetings/{Meeting}/delegations",
            new
            {
                organisationId = Cooperation.Iom,
                count = 5,
                precision = "exact",
                reason = "One came late.",
            }
        );

        // Versions of one row at positions of two and of three digits: in the order of numbers, not of texts.
        for (var count = 1; await Database.Scalar<long>("select max(seq_id) from register.mt_events") < 105; count++)
            await Cooperation.Do(
                $"/v1/meetings/{Meeting}/delegations",
                new
                {
                    organisationId = Cooperation.Home,
                    count,
                    precision = "exact",
                    reason = "Counted again.",
                }
            );
        await Cooperation.Do($"/v1/people/{people[0]}/merge", new { into = people[1], reason = "The same person." });
        await Cooperation.Do($"/v1/people/{people[2]}/correct", new { name = "Another name", reason = "Misspelt." });
        await Cooperation.Do($"/v1/frameworks/{Cooperation.Framework}/areas", new { code = "returns", name = "Returns" });
        await Cooperation.Do(
            $"/v1/organisations/{Cooperation.Home}/rename",
            new { name = "DG Migration and Home Affairs", on = "2014-01-01" }
        );

        // What is kept beside the history: references, answers, and keys of people who are hidden, shown again, merged and erased.
        for (var i = 1; i <= 3; i++)
        {
            await Kept(
                "/v1/organisations",
                new
                {
                    name = $"Service {i}",
                    shortName = $"S{i}",
                    externalReference = Commands.External(),
                }
            );
            await Kept("/v1/people", new { name = $"Person {i}", externalReference = Commands.External() });
        }

        await Kept("/v1/meetings", Cooperation.Meeting(("externalReference", new JsonObject { ["system"] = "calendar", ["id"] = "M1" })));
        await Kept($"/v1/meetings/{Meeting}/outcomes", new { kind = "conclusion", text = new { en = "They agreed." } });
        await Kept(
            $"/v1/meetings/{Meeting}/documents",
            new
            {
                title = "Statement",
                url = "https://example.org/s",
                status = "adopted",
            }
        );
        foreach (var (person, restricted) in new[] { (0, true), (1, true), (1, false), (3, true), (4, true), (4, false) })
        {
            var body = new { reason = "As asked.", restricted };
            (await Host.Post($"/v1/people/{people[person]}/restrict", body, "privacy")).ShouldBeAccepted();
        }

        await Cooperation.Do($"/v1/people/{people[5]}/merge", new { into = people[3], reason = "The same person." });
        var gone = (await Kept("/v1/people", new { name = "Somebody", externalReference = new { system = "directory", id = "gone" } })).Id;
        (await Host.Post($"/v1/people/{gone}/erase", new { reason = "As asked." }, "privacy")).Status.ShouldBeOneOf(200, 202);
        await Wait.Until("the erasure", () => Database.Scalar<bool>("select not exists (select from keys.erasure where done_at is null)"));
    }

    /// <summary>Posts under a key, so that the answer is remembered.</summary>
    private async Task<Answer> Kept(string path, object body)
    {
        var answer = await Host.Post(path, body, headers: ("Idempotency-Key", Guid.NewGuid().ToString()));
        return answer.ShouldBeAccepted(answer.Status is 201 ? 201 : 200);
    }

    /// <summary>Does the damage, lets a replay find it, and puts every row of those tables back as it was.</summary>
    public async Task<JsonNode> Damaged(string[] tables, string sql, string state = "completed")
    {
        await Log.CoversAll(Host);
        await Host.Reaches(await Database.Scalar<long>("select max(seq_id) from register.mt_events"));
        foreach (var (table, i) in tables.Select((t, i) => (t, i)))
            await Database.Rows($"drop table if exists public.kept{i}; create table public.kept{i} as table {table}");
        try
        {
            await Tamper.Do(Database, sql);
            return await Replay(state);
        }
        finally
        {
            foreach (var (table, i) in tables.Select((t, i) => (t, i)))
                await Tamper.Do(Database, $"delete from {table}; insert into {table} select * from public.kept{i}");
        }
    }

    /// <summary>A replay from its beginning to its end, which leaves no schema behind.</summary>
    public async Task<JsonNode> Replay(string state = "completed")
    {
        var path = (await Host.Post("/v1/audit/replays", role: "auditor")).ShouldBeStarted();
        var replay = await Ended(path);
        replay["state"]!.GetValue<string>().ShouldBe(state, $"{replay.ToJsonString()}\n{string.Join('\n', Host.Errors)}");
        await Wait.Until("the scratch schema to be dropped", async () => await Schemas() == 0);
        return replay;
    }

    public async Task<JsonNode> Ended(string path)
    {
        JsonNode? replay = null;
        await Wait.Until("the replay's end", async () => (replay = (await Host.Get(path, "auditor")).Json)["finishedAt"] is not null);
        return replay!;
    }

    public Task<long> Schemas() => Database.Scalar<long>("select count(*) from pg_namespace where nspname like 'replay\\_%'");

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Directory.Delete(Host.DataDirectory, recursive: true);
        await Database.DisposeAsync();
    }
}

internal static class ReplayAnswersShould
{
    /// <summary>Accepted, with the path of the replay.</summary>
    public static string ShouldBeStarted(this Answer answer)
    {
        answer.Status.ShouldBe(202, answer.ToString());
        var path = answer.Header("Location").ShouldNotBeNull();
        path.ShouldBe($"/v1/audit/replays/{answer.Id}");
        return path;
    }
}

public sealed class ReplayTests(ReplayedRegister register) : IClassFixture<ReplayedRegister>
{
    [Fact]
    public async Task A_register_as_it_must_be_gives_no_difference_while_posts_go_on()
    {
        using var enough = new CancellationTokenSource();
        var posted = 0;
        var posting = Task.WhenAll(
            Enumerable
                .Range(0, 3)
                .Select(async _ =>
                {
                    while (!enough.IsCancellationRequested)
                    {
                        var meeting = (await register.Cooperation.Schedule()).Id;
                        await register.Cooperation.Do($"/v1/meetings/{meeting}/hold", new { });
                        var person = await register.Cooperation.Person();
                        await register.Cooperation.Do(
                            $"/v1/meetings/{meeting}/attendance",
                            new { attendees = new[] { register.Cooperation.Attendee(person, status: "attended") } }
                        );
                        Interlocked.Add(ref posted, 4);
                    }
                })
        );
        JsonNode replay;
        try
        {
            await Wait.Until("posts", () => Volatile.Read(ref posted) > 20);
            replay = await register.Replay();
        }
        finally
        {
            await enough.CancelAsync();
            await posting;
        }

        (replay["differences"]!.GetValue<long>(), replay["damagedEvents"]!.GetValue<long>()).ShouldBe((0, 0), replay.ToString());
        replay["findings"]!.AsArray().ShouldBeEmpty();
        replay["events"]!["replayed"]!.GetValue<long>().ShouldBe(replay["events"]!["of"]!.GetValue<long>());
        replay["events"]!["checkedTo"]!.GetValue<long>().ShouldBe(replay["position"]!.GetValue<long>());
        replay["compared"]!["from"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(replay["position"]!.GetValue<long>());
        var tables = replay["tables"]!.AsArray().ToDictionary(t => t!["table"]!.GetValue<string>(), t => t!);
        string[] beside =
        [
            "recording.external_reference",
            "recording.remembered_answer",
            "recording.settled_position",
            "keys.person_key",
            "keys.field_salt",
        ];
        string[] made =
        [
            "views.mt_doc_meetingview",
            "views.mt_doc_personview",
            "facts.attendance",
            "facts.delegation",
            "facts.person_identity",
        ];
        foreach (var table in (string[])[.. made, "facts.organisation_name", .. beside])
            tables[table]["live"]!.GetValue<long>().ShouldBeGreaterThan(0, table);
        var all = await register.Database.Scalar<long>("select count(*) from pg_tables where schemaname in ('facts', 'views')");
        tables.Count.ShouldBe((int)all + beside.Length);
        foreach (var table in tables.Values)
            table["replayed"]!.GetValue<long>().ShouldBe(table["live"]!.GetValue<long>(), table.ToString());
    }

    [Fact]
    public async Task Rows_changed_deleted_and_added_are_named_with_both_values_and_nothing_else_is_touched()
    {
        var stranger = Guid.NewGuid();
        var (meeting, before) = (register.Meeting, await Live());

        var replay = await register.Damaged(
            ["views.mt_doc_meetingview", "facts.meeting", "facts.delegation", "facts.attendance"],
            $"""
            update views.mt_doc_meetingview set data = jsonb_set(data, '{"{title}"}', '"Ministers'' meeting"') where id = '{meeting}';
            update facts.meeting set country = 'BE' where meeting_id = '{meeting}' and known_to is null;
            delete from facts.delegation where meeting_id = '{meeting}' and organisation_id = '{register.Cooperation.Iom}'
                and known_to is null;
            insert into facts.attendance (meeting_id, person_id, organisation_id, role, evidence, known_from)
                select meeting_id, '{stranger}', organisation_id, role, evidence, known_from from facts.attendance
                    where meeting_id = '{meeting}' limit 1
            """
        );

        replay["differences"]!.GetValue<long>().ShouldBe(4, replay.ToString());
        replay["damagedEvents"]!.GetValue<long>().ShouldBe(0);
        var view = Finding(replay, "views.mt_doc_meetingview", "differs");
        view["key"]!["id"]!.GetValue<Guid>().ShouldBe(meeting);
        var data = view["columns"]!.AsArray().ShouldHaveSingleItem()!;
        data["column"]!.GetValue<string>().ShouldBe("data");
        data["live"]!.GetValue<string>().ShouldContain("Ministers' meeting");
        data["replayed"]!.GetValue<string>().ShouldContain("Senior officials' meeting");
        Finding(replay, "facts.meeting", "differs")["columns"]!
            .ToJsonString()
            .ShouldBe("""[{"column":"country","live":"BE","replayed":null}]""");
        Finding(replay, "facts.delegation", "missing-in-live")["key"]!["organisation_id"]!
            .GetValue<Guid>()
            .ShouldBe(register.Cooperation.Iom);
        Finding(replay, "facts.attendance", "only-in-live")["key"]!["person_id"]!.GetValue<Guid>().ShouldBe(stranger);
        register.Host.Errors.ShouldContain(e => e.Contains("found 4 rows that differ and 0 damaged events", StringComparison.Ordinal));
        (await Live()).ShouldBe(before);
        (await register.Replay())["differences"]!.GetValue<long>().ShouldBe(0);
    }

    /// <summary>
    /// A row stands twice where a key is gone from its table, and where a child of the table has a copy. A replay reads 40 rows at a time:
    /// of doubled rows some lie across two ranges.
    /// </summary>
    [Fact]
    public async Task Rows_that_stand_twice_and_rows_without_a_key_are_named_and_everything_else_is_compared()
    {
        string[] beside = ["recording.external_reference", "recording.remembered_answer", "keys.person_key", "keys.field_salt"];
        string[] unkeyed = ["facts.delegation", "views.mt_doc_personview", .. beside];
        var keys = (
            await register.Database.Rows(
                "select conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) from pg_constraint where contype = 'p' "
                    + "and conrelid::regclass::text = any ($1)",
                [unkeyed]
            )
        )
            .Select(r => (Table: (string)r[0]!, Name: (string)r[1]!, Key: (string)r[2]!))
            .ToList();
        keys.Count.ShouldBe(unkeyed.Length);
        var delegations = await register.Database.Scalar<long>("select count(*) from facts.delegation");
        delegations.ShouldBeGreaterThan(40);

        JsonNode replay;
        try
        {
            replay = await register.Damaged(
                unkeyed,
                $$"""
                {{string.Concat(keys.Select(k => $"alter table {k.Table} drop constraint {k.Name};"))}}
                alter table facts.delegation alter organisation_id drop not null;
                insert into facts.delegation select * from facts.delegation;
                insert into facts.delegation select (jsonb_populate_record(d, jsonb_build_object('organisation_id', null))).*
                    from facts.delegation d limit 1;
                insert into views.mt_doc_personview select (jsonb_populate_record(v, jsonb_build_object('data', jsonb_build_object('of', 'a stranger')))).*
                    from views.mt_doc_personview v limit 1;
                {{string.Concat(beside.Select(table => $"insert into {table} select * from {table} limit 1;"))}}
                create table public.more () inherits (facts.attendance);
                insert into public.more select * from facts.attendance limit 1
                """
            );
        }
        finally
        {
            await register.Database.Rows(
                "drop table if exists public.more;"
                    + string.Concat(keys.Select(k => $"alter table {k.Table} add constraint {k.Name} {k.Key};"))
            );
        }

        replay = (await register.Host.Get($"/v1/audit/replays/{replay["id"]}?limit=500", "auditor")).Json;
        string[] twice = ["facts.attendance", "views.mt_doc_personview", .. beside];
        foreach (var table in twice)
            Finding(replay, table, "only-in-live")["detail"]!
                .GetValue<string>()
                .ShouldStartWith("The table has 2 rows of this key", customMessage: table);
        Finding(replay, "views.mt_doc_personview", "only-in-live")["columns"]!.ToJsonString().ShouldContain("a stranger");
        var doubled = replay["findings"]!.AsArray().Where(f => (string?)f!["table"] == "facts.delegation").ToList();
        doubled.Count(f => f!["key"]!["organisation_id"] is null).ShouldBe(1);
        replay["differences"]!.GetValue<long>().ShouldBe(delegations + 1 + twice.Length, replay.ToString());
        replay["damagedEvents"]!.GetValue<long>().ShouldBe(0);
        (await register.Replay())["differences"]!.GetValue<long>().ShouldBe(0);
    }

    [Fact]
    public async Task An_event_or_a_stream_that_stands_twice_is_named_and_keeps_nothing_from_being_replayed()
    {
        var e = await Event($"stream_id = '{(await register.Cooperation.Schedule()).Id}'");
        var stream = await register.Database.Scalar<Guid>($"select stream_id from register.mt_events where seq_id = {e.Seq}");
        JsonNode replay;
        try
        {
            replay = await register.Damaged(
                [],
                $"""
                create table public.events () inherits (register.mt_events);
                insert into public.events select * from register.mt_events where seq_id = {e.Seq};
                create table public.streams () inherits (register.mt_streams);
                insert into public.streams select * from register.mt_streams where id = '{stream}'
                """
            );
        }
        finally
        {
            await register.Database.Rows("drop table if exists public.events, public.streams");
        }

        (replay["damagedEvents"]!.GetValue<long>(), replay["differences"]!.GetValue<long>()).ShouldBe((1, 1), replay.ToString());
        var extra = Finding(replay, null, "event-extra");
        (extra["seq"]!.GetValue<long>(), extra["id"]!.GetValue<Guid>(), extra["index"]!.GetValue<long>()).ShouldBe(e);
        Finding(replay, "register.mt_streams", "stream-differs")["key"]!["id"]!.GetValue<Guid>().ShouldBe(stream);
    }

    /// <summary>What was recorded then is of a later time than what came after it.</summary>
    [Fact]
    public async Task A_clock_of_the_database_that_was_ahead_and_was_set_right_makes_no_settled_position_wrong()
    {
        const string First = "(select min(position) from recording.settled_position)";
        var replay = await register.Damaged(
            ["register.mt_events", "recording.settled_position"],
            $"""
            update register.mt_events set timestamp = timestamp + interval '1 day' where seq_id <= {First};
            update recording.settled_position set noted_at = noted_at + interval '1 day' where position = {First}
            """
        );

        replay["damagedEvents"]!.GetValue<long>().ShouldBeGreaterThan(0);
        Told(replay, "recording.settled_position").ShouldBeEmpty();
    }

    /// <summary>Each change is of another row, so that one replay finds all of them, and nothing else.</summary>
    [Fact]
    public async Task References_answers_keys_and_settled_positions_that_the_history_does_not_give_are_named()
    {
        const string Named = "select stream_id from register.mt_events where data ? 'externalReference' and type = ";
        var organisations = await Ids($"{Named} 'organisation_registered' order by seq_id");
        var people = await Ids($"{Named} 'person_registered' order by seq_id");
        var hidden = (await Ids("select person_id from keys.person_key where state = 'restricted'"))[0];
        var erased = (await Ids("select person_id from keys.person_key where state = 'destroyed'"))[0];

        var replay = await register.Damaged(
            [
                "recording.external_reference",
                "recording.remembered_answer",
                "recording.settled_position",
                "keys.person_key",
                "keys.field_salt",
            ],
            $"""
            update recording.external_reference set stream_id = '{organisations[1]}' where stream_id = '{organisations[0]}';
            delete from recording.external_reference where stream_id = '{organisations[2]}';
            delete from recording.external_reference where stream_id = '{people[0]}';
            insert into recording.external_reference values ('\x00', '{organisations[
                1
            ]}'), ('\x01', '{erased}'), ('\x02', gen_random_uuid());
            update recording.remembered_answer set version = 99 where stream_id = '{organisations[0]}';
            update recording.remembered_answer set stream_id = gen_random_uuid() where stream_id = '{organisations[1]}';
            update recording.remembered_answer set status = 200 where part_id is not null;
            update recording.remembered_answer set status = 204 where stream_id = '{organisations[2]}';
            update recording.remembered_answer set part_id = gen_random_uuid(), status = 201 where stream_id = '{people[0]}';
            update recording.remembered_answer set answered_at = answered_at - interval '1 day' where stream_id = '{people[1]}';
            update recording.settled_position set noted_at = noted_at - interval '1 day'
                where position = (select min(position) from recording.settled_position);
            insert into recording.settled_position values (1000000, now());
            update keys.person_key set state = 'active' where person_id = '{hidden}';
            update keys.person_key set state = 'restricted' where person_id = '{people[0]}';
            update keys.person_key set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) where person_id = '{people[1]}';
            delete from keys.person_key where person_id = '{people[2]}';
            delete from keys.field_salt where ctid in (
                select ctid from keys.field_salt where class = 'texts' and wrapped is not null limit 1)
            """
        );

        string[] references = [.. Enumerable.Repeat("missing-in-live stream_id", 2), .. Enumerable.Repeat("only-in-live stream_id", 3)];
        Told(replay, "recording.external_reference").ShouldBe([.. references, "differs stream_id"], ignoreOrder: true);
        string[] answers = ["differs status", "differs status", "differs part_id", "differs answered_at"];
        Told(replay, "recording.remembered_answer").ShouldBe(["differs version", "only-in-live stream_id", .. answers], ignoreOrder: true);
        Told(replay, "recording.settled_position").ShouldBe(["differs noted_at", "only-in-live position"], ignoreOrder: true);
        string[] keys = ["differs state", "differs state", "differs wrapped", "missing-in-live "];
        Told(replay, "keys.person_key").ShouldBe(keys, ignoreOrder: true);
        Told(replay, "keys.field_salt").ShouldBe(["missing-in-live "]);
        (replay["differences"]!.GetValue<long>(), replay["damagedEvents"]!.GetValue<long>()).ShouldBe((19, 0), replay.ToString());
        var turned = Finding(replay, "recording.external_reference", "differs")["columns"]![0]!;
        (turned["live"]!.GetValue<Guid>(), turned["replayed"]!.GetValue<Guid>()).ShouldBe((organisations[1], organisations[0]));
        var wrapped = replay["findings"]!.AsArray().Single(f => f!.ToJsonString().Contains("\"wrapped\"", StringComparison.Ordinal))!;
        wrapped["key"]!["person_id"]!.GetValue<Guid>().ShouldBe(people[1]);
        (await register.Replay())["differences"]!.GetValue<long>().ShouldBe(0);

        async Task<Guid[]> Ids(string sql) => [.. (await register.Database.Rows(sql)).Select(r => (Guid)r[0]!)];
    }

    [Fact]
    public async Task Events_altered_taken_away_put_in_or_hidden_are_named_with_the_rows_they_change()
    {
        var meeting = (await register.Cooperation.Schedule()).Id;
        var organisation = await Cooperation.Organisation(register.Host, "DG TRADE");
        var area = (
            await register.Cooperation.Do($"/v1/frameworks/{register.Cooperation.Framework}/areas", new { code = "trade", name = "Trade" })
        ).Position;
        await Log.CoversAll(register.Host);
        var altered = await Event($"stream_id = '{meeting}'");
        var removed = await Event($"stream_id = '{organisation}'");
        var hidden = await Event($"seq_id = {area}");

        var replay = await register.Damaged(
            ["register.mt_events"],
            $"""
            update register.mt_events set data = jsonb_set(data, '{"{title}"}', '"Ministers'' meeting"') where seq_id = {altered.Seq};
            update register.mt_events set is_archived = true where seq_id = {hidden.Seq};
            insert into register.mt_events select (jsonb_populate_record(e, jsonb_build_object('seq_id', 0, 'id', gen_random_uuid(),
                'version', 1000))).* from register.mt_events e where seq_id = {removed.Seq};
            delete from register.mt_events where seq_id = {removed.Seq}
            """
        );

        replay["damagedEvents"]!.GetValue<long>().ShouldBe(4, replay.ToString());
        foreach (var (kind, e) in new[] { ("event-altered", altered), ("event-missing", removed), ("event-hidden", hidden) })
        {
            var finding = Finding(replay, null, kind);
            (finding["seq"]!.GetValue<long>(), finding["id"]!.GetValue<Guid>(), finding["index"]!.GetValue<long>()).ShouldBe(e, kind);
        }

        Finding(replay, null, "event-extra")["seq"]!.GetValue<long>().ShouldBe(0);
        Finding(replay, "views.mt_doc_organisationview", "only-in-live")["key"]!["id"]!.GetValue<Guid>().ShouldBe(organisation);
        Finding(replay, "facts.meeting", "differs")["key"]!["meeting_id"]!.GetValue<Guid>().ShouldBe(meeting);
        Finding(replay, "facts.area", "only-in-live")["key"]!["code"]!.GetValue<string>().ShouldBe("trade");
    }

    [Fact]
    public async Task Leaves_are_held_to_the_roots_that_were_signed()
    {
        var replay = await register.Damaged(["audit.leaf"], "update audit.leaf set hash = sha256('another') where index = 3");

        var log = replay["findings"]!
            .AsArray()
            .Where(f => (string?)f!["kind"] == "log-differs")
            .Select(f => (string)f!["detail"]!)
            .ToList();
        log.ShouldContain(d => d.Contains("checkpoints whose root the leaves do not make", StringComparison.Ordinal));
        replay["differences"]!.GetValue<long>().ShouldBe(log.Count);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_named_and_the_rest_of_the_history_is_still_checked()
    {
        var one = await Event($"stream_id = '{(await register.Cooperation.Schedule()).Id}'");
        var later = await Event($"stream_id = '{await Cooperation.Organisation(register.Host, "DG NEAR")}'");

        var replay = await register.Damaged(
            ["register.mt_events"],
            $"""
            update register.mt_events set data = '[]' where seq_id = {one.Seq};
            update register.mt_events set user_name = gen_random_uuid()::text where seq_id = {later.Seq}
            """,
            "failed"
        );

        replay["reason"]!.GetValue<string>().ShouldContain($"The event at position {one.Seq} cannot be replayed");
        var findings = replay["findings"]!
            .AsArray()
            .Select(f => (f!["kind"]!.GetValue<string>(), f["seq"]!.GetValue<long>(), f["id"]!.GetValue<Guid>()))
            .ToList();
        findings.ShouldBe(
            [("event-altered", one.Seq, one.Id), ("event-unreadable", one.Seq, one.Id), ("event-altered", later.Seq, later.Id)],
            ignoreOrder: true
        );
    }

    /// <summary>
    /// The schema of the replay is as a run left it that had just begun, save that its progress cannot be noted. Some errors pass, others
    /// stay: a full disk is one that the replay itself may have filled.
    /// </summary>
    [Theory]
    [InlineData("42P01", "completed")]
    [InlineData("57P01", "completed")]
    [InlineData("53100", "failed")]
    public async Task An_error_of_the_database_is_told_of_no_event(string error, string state)
    {
        await Log.CoversAll(register.Host);
        var lost = Lost();
        await using var connection = await register.Database.Source.OpenConnectionAsync();
        await Lock(connection, "pg_advisory_lock");
        string path,
            schema;
        try
        {
            var started = await register.Host.Post("/v1/audit/replays", role: "auditor");
            (path, schema) = (started.ShouldBeStarted(), $"replay_{started.Id:n}");
            await register.Database.Rows(
                $"""
                create schema {schema} authorization cooperation_replay;
                comment on schema {schema} is '{typeof(Program).Module.ModuleVersionId}';
                create function {schema}.fails() returns trigger language plpgsql as
                    'begin raise exception ''As a test has it'' using errcode = ''{error}''; end';
                create table {schema}.mt_event_progression (like register.mt_event_progression including all);
                create trigger fails before insert on {schema}.mt_event_progression for each row execute function {schema}.fails();
                create view {schema}.mt_events as table register.mt_events;
                create view {schema}.mt_streams as table register.mt_streams;
                do $made$
                declare made text;
                begin
                    for made in select format('create table {schema}.%I (like %I.%I including all)', tablename, schemaname, tablename)
                        from pg_tables where schemaname in ('views', 'facts')
                    loop execute made; end loop;
                    for made in select format('alter table {schema}.%I owner to cooperation_replay', relname)
                        from pg_class where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'v')
                    loop execute made; end loop;
                end $made$;
                """
            );
        }
        finally
        {
            await Lock(connection, "pg_advisory_unlock");
        }

        if (state == "completed")
        {
            await Wait.Until("the replay to be tried", () => Lost() > lost);
            await register.Database.Rows($"drop schema {schema} cascade");
        }

        var replay = await register.Ended(path);

        replay["state"]!.GetValue<string>().ShouldBe(state, replay.ToString());
        (replay["differences"]!.GetValue<long>(), replay["damagedEvents"]!.GetValue<long>()).ShouldBe((0, 0), replay.ToString());
        if (state == "failed")
            replay["reason"]!.GetValue<string>().ShouldBe("The disk of the database has no room for it: As a test has it.");
        await Wait.Until("the scratch schema to be dropped", async () => await register.Schemas() == 0);

        int Lost() => register.Host.Errors.Count(e => e.Contains("Replays do not run here", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_runs_at_a_time_and_can_be_cancelled()
    {
        await using var connection = await register.Database.Source.OpenConnectionAsync();
        await Lock(connection, "pg_advisory_lock");
        try
        {
            var started = await register.Host.Post("/v1/audit/replays", new { position = 3 }, "auditor", ("Idempotency-Key", "replay-1"));
            var path = started.ShouldBeStarted();
            started.Json["state"]!.GetValue<string>().ShouldBe("queued");
            started.Position.ShouldBe(3);

            (await register.Host.Post("/v1/audit/replays", role: "auditor"))
                .ShouldBeProblem(409, "replay-running")
                .Text.ShouldContain($"{started.Id}");
            var again = await register.Host.Post("/v1/audit/replays", new { position = 3 }, "auditor", ("Idempotency-Key", "replay-1"));
            again.ShouldBeStarted().ShouldBe(path);
            again.Header("Idempotency-Replayed").ShouldBe("true");
            (
                await register.Host.Post("/v1/audit/replays", new { position = 4 }, "auditor", ("Idempotency-Key", "replay-1"))
            ).ShouldBeProblem(422, "idempotency-key-reused");

            await register.Host.AddKey("another auditor", CooperationEvents.Authorization.Scopes.AuditRead);
            (await register.Host.Post($"{path}/cancel", role: "another auditor")).ShouldBeProblem(403, "replay-of-another");
            (await register.Host.Post($"{path}/cancel", role: "auditor")).Json["state"]!.GetValue<string>().ShouldBe("cancelled");
            (await register.Host.Post($"{path}/cancel", role: "auditor")).Status.ShouldBe(200);
            (await register.Host.Get("/v1/audit/replays?limit=1", "auditor")).Json["items"]![0]!["id"]!
                .GetValue<Guid>()
                .ShouldBe(started.Id);
        }
        finally
        {
            await Lock(connection, "pg_advisory_unlock");
        }

        var ended = (await register.Host.Post("/v1/audit/replays", role: "auditor")).ShouldBeStarted();
        await register.Ended(ended);
        (await register.Host.Post($"{ended}/cancel", role: "auditor")).ShouldBeProblem(409, "replay-ended");
    }

    /// <summary>A node of another version was replaced while it ran a replay: its tables are not those of this version.</summary>
    [Fact]
    public async Task A_replay_that_another_version_had_begun_begins_again()
    {
        await Log.CoversAll(register.Host);
        await using var connection = await register.Database.Source.OpenConnectionAsync();
        await Lock(connection, "pg_advisory_lock");
        string path;
        try
        {
            var started = await register.Host.Post("/v1/audit/replays", role: "auditor");
            path = started.ShouldBeStarted();
            var schema = $"replay_{started.Id:n}";
            await register.Database.Rows(
                $"""
                create schema {schema} authorization cooperation_replay;
                create table {schema}.mt_event_progression as select 'register:All'::varchar as name, 50::bigint as last_seq_id;
                create table {schema}.mt_events as table register.mt_events;
                alter table {schema}.mt_event_progression owner to cooperation_replay;
                alter table {schema}.mt_events owner to cooperation_replay;
                """
            );
        }
        finally
        {
            await Lock(connection, "pg_advisory_unlock");
        }

        var replay = await register.Ended(path);

        replay["state"]!.GetValue<string>().ShouldBe("completed", replay.ToString());
        (replay["differences"]!.GetValue<long>(), replay["damagedEvents"]!.GetValue<long>()).ShouldBe((0, 0), replay.ToString());
        await Wait.Until("the scratch schema to be dropped", async () => await register.Schemas() == 0);
    }

    [Fact]
    public async Task Findings_are_paged()
    {
        var replay = await register.Damaged(["facts.person"], "update facts.person set known_to = known_from + 1");
        var path = $"/v1/audit/replays/{replay["id"]}?limit=3";

        var (seen, pages) = (new HashSet<string>(), 0);
        for (string? next = path; next is not null; pages++)
        {
            var page = await register.Host.Get(next, "auditor");
            foreach (var finding in page.Json["findings"]!.AsArray())
                seen.Add(finding!["key"]!.ToJsonString()).ShouldBeTrue();
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        seen.Count.ShouldBe((int)replay["differences"]!.GetValue<long>());
        pages.ShouldBeGreaterThan(2);
    }

    [Theory]
    [InlineData("""{"position": -1}""", 422, "invalid", "/position")]
    [InlineData("""{"position": "newest"}""", 422, "invalid", "/position")]
    [InlineData("""{"pos": 1}""", 422, "invalid", "/pos")]
    [InlineData("[]", 400, "unreadable")]
    [InlineData("""{"position": 9000000000}""", 503, "busy")]
    public async Task What_cannot_be_replayed_is_refused(string body, int status, string slug, params string[] pointers) =>
        (await register.Host.Post("/v1/audit/replays", body, "auditor")).ShouldBeProblem(status, slug, pointers);

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        (await register.Host.Get($"/v1/audit/replays/{Guid.NewGuid()}", "auditor")).ShouldBeProblem(404, "not-found");
        (await register.Host.Get("/v1/audit/replays/newest", "auditor")).ShouldBeProblem(404, "not-found");
        (await register.Host.Post($"/v1/audit/replays/{Guid.NewGuid()}/cancel", role: "auditor")).ShouldBeProblem(404, "not-found");
    }

    [Fact]
    public async Task Without_room_on_the_disk_nothing_is_begun()
    {
        await using var other = await RegisterHost.Start(
            register.Database,
            register.Host.DataDirectory,
            settings: ("Audit:Replays:DiskBytes", "1000")
        );

        var refused = await other.Post("/v1/audit/replays", role: "auditor");

        refused.ShouldBeProblem(503, "no-room-for-replay").Text.ShouldMatch("needs about [0-9]+ bytes.* there are 1000");
    }

    private static IEnumerable<string> Told(JsonNode replay, string table) =>
        replay["findings"]!
            .AsArray()
            .Where(f => (string?)f!["table"] == table)
            .Select(f => $"{f!["kind"]} {string.Join(", ", (f["columns"]?.AsArray() ?? []).Select(c => (string?)c!["column"]))}");

    private static JsonNode Finding(JsonNode replay, string? table, string kind) =>
        replay["findings"]!
            .AsArray()
            .Where(f => f!["table"]?.GetValue<string>() == table && f["kind"]!.GetValue<string>() == kind)
            .ShouldHaveSingleItem($"{kind} {table} in {replay}")!;

    private async Task<(long Seq, Guid Id, long Index)> Event(string where)
    {
        await Log.CoversAll(register.Host);
        var row = (
            await register.Database.Rows(
                $"select e.seq_id, e.id, l.index from register.mt_events e join audit.leaf l on l.seq = e.seq_id where {where}"
            )
        ).ShouldHaveSingleItem();
        return ((long)row[0]!, (Guid)row[1]!, (long)row[2]!);
    }

    /// <summary>A hash of every row of the live read models as it stands.</summary>
    private async Task<string> Live()
    {
        await register.Host.Reaches(await register.Database.Scalar<long>("select max(seq_id) from register.mt_events"));
        var tables = await register.Database.Rows(
            "select schemaname || '.' || tablename from pg_tables where schemaname in ('facts', 'views') order by 1"
        );
        var hashes = await Task.WhenAll(
            tables.Select(t =>
                register.Database.Scalar<string>(
                    $"select '{t[0]} ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {t[0]} t"
                )
            )
        );
        return string.Join('\n', hashes);
    }

    private static async Task Lock(NpgsqlConnection connection, string function)
    {
        await using var command = new NpgsqlCommand($"select {function}({AdvisoryLocks.Replay})", connection);
        await command.ExecuteNonQueryAsync();
    }
}
