using System.Text.Json.Nodes;
using CooperationEvents.Testing;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>Commitments as analysts read them, now and as they were known.</summary>
public sealed class FactCommitmentTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task A_row_for_each_owner_says_when_it_was_made_when_it_is_due_and_what_became_of_it()
    {
        var cooperation = await Cooperation.Start(Host);
        var meeting = await cooperation.Schedule(
            ("start", "2018-04-04T09:00"),
            ("end", "2018-04-06T00:00"),
            ("timeZone", "Europe/Brussels")
        );
        var made = await cooperation.Undertake(
            ("owners", new JsonArray(cooperation.Home, cooperation.Iom)),
            ("meetingId", meeting.Id),
            ("area", "health")
        );
        var alone = await cooperation.Undertake(("dueOn", null));
        var path = $"/v1/commitments/{made.Id}";
        var moved = await cooperation.Do($"{path}/due-date", new { dueOn = "2019-02", reason = "more rivers" });
        var fulfilled = await cooperation.Do($"{path}/fulfil", new { on = "2019-01-15" });
        var owned = await cooperation.Do($"{path}/correct", new { reason = "minutes", owners = new[] { cooperation.Iom } });
        var reopened = await cooperation.Do($"{path}/reopen", new { reason = "one river was left out" });
        var taken = await cooperation.Do($"{path}/correct", new { reason = "minutes", remove = new[] { "area", "due-on" } });
        var dropped = await cooperation.Do($"{path}/drop", new { reason = "others do it" });
        await Host.Reaches(dropped.Position);

        (await Rows(made.Id, made.Position - 1)).ShouldBeEmpty();
        string[] owners = [$"{cooperation.Home}", $"{cooperation.Iom}"];
        (await Rows(made.Id, made.Position)).ShouldBe(
            owners.Order(StringComparer.Ordinal).Select(o => $"{o} {meeting.Id} health 2018-04-05 2018-12-31 open")
        );
        (await Rows(made.Id, moved.Position)).ShouldBe(
            owners.Order(StringComparer.Ordinal).Select(o => $"{o} {meeting.Id} health 2018-04-05 2019-02-28 open")
        );
        (await Rows(made.Id, fulfilled.Position)).ShouldAllBe(row => row.EndsWith("2019-02-28 fulfilled", StringComparison.Ordinal));
        (await Rows(made.Id, owned.Position)).ShouldBe([$"{cooperation.Iom} {meeting.Id} health 2018-04-05 2019-02-28 fulfilled"]);
        (await Rows(made.Id, reopened.Position)).ShouldBe([$"{cooperation.Iom} {meeting.Id} health 2018-04-05 2019-02-28 open"]);
        (await Rows(made.Id, taken.Position)).ShouldBe([$"{cooperation.Iom} {meeting.Id} not-stated 2018-04-05 - open"]);
        (await Rows(made.Id)).ShouldBe([$"{cooperation.Iom} {meeting.Id} not-stated 2018-04-05 - dropped"]);
        var today = await Host.Database.Scalar<string>(
            "select (timestamp at time zone 'UTC')::date::text from register.mt_events where seq_id = $1",
            alone.Position
        );
        (await Rows(alone.Id)).ShouldBe([$"{cooperation.Home} - not-stated {today} - open"]);
    }

    /// <summary>PostgreSQL has infinite dates, and Python, for one, has none.</summary>
    [Fact]
    public async Task No_date_is_infinite()
    {
        var cooperation = await Cooperation.Start(Host);
        var made = await cooperation.Undertake(("dueOn", "9999"));
        await Host.Reaches(made.Position);

        (await Rows(made.Id)).Single().ShouldContain(" 9999-12-31 ");
        (
            await Host.Database.Rows(
                "select valid_from::text, valid_to::text from analytics.dim_organisation_name where organisation_id = $1",
                cooperation.Home
            )
        )
            .ShouldHaveSingleItem()
            .ShouldBe(["0001-01-01", null]);
    }

    [Fact]
    public async Task Its_keys_join_the_dimensions()
    {
        var cooperation = await Cooperation.Start(Host);
        var made = await cooperation.Undertake(("area", "health"));
        await Host.Reaches(made.Position);

        (
            await Host.Database.Rows(
                """
                select f.name, a.name, o.name from analytics.fact_commitment c
                join analytics.dim_framework f using (framework_id) join analytics.dim_area a using (area_key)
                join analytics.dim_organisation o using (organisation_id) where commitment_id = $1
                """,
                made.Id
            )
        ).Single().ShouldBe(["EU-IOM cooperation", "Health", "DG HOME"]);
    }

    [Fact]
    public async Task A_commitment_changes_no_figure()
    {
        var cooperation = await Cooperation.Start(Host);
        var held = (await Host.Post("/v1/meetings/record-held", cooperation.Meeting())).ShouldBeAccepted(201);
        var before = await Figures(held.Position);
        var made = await cooperation.Undertake(("meetingId", held.Id), ("area", "health"));
        var fulfilled = await cooperation.Do($"/v1/commitments/{made.Id}/fulfil", new { on = "2018-06" });

        (await Figures(fulfilled.Position)).ShouldBe(before);

        async Task<string> Figures(long position)
        {
            var read = (
                await Host.Read($"/v1/statistics/cumulative?framework={cooperation.Framework}&knownAt={position}", position, "analyst")
            )
                .ShouldBeRead()
                .AsObject();
            foreach (var name in new[] { "knownAt", "position" })
                read.Remove(name).ShouldBeTrue(name);
            return read.ToJsonString();
        }
    }

    /// <summary>The rows of a commitment, as known at a position or now.</summary>
    private async Task<IReadOnlyList<string>> Rows(Guid commitment, long? knownAt = null)
    {
        await using var connection = await Host.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            $"""
            set local analytics.known_at = '{knownAt}';
            select format('%s %s %s %s %s %s', organisation_id, coalesce(meeting_id::text, '-'), area, made_on,
                coalesce(due_on::text, '-'), status)
            from analytics.fact_commitment where commitment_id = '{commitment}' order by organisation_id::text
            """,
            connection
        );
        var found = new List<string>();
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
            found.Add(rows.GetString(0));
        return found;
    }
}
