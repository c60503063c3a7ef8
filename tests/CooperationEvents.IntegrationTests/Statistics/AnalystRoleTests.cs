using System.Globalization;
using CooperationEvents.Statistics.Analytics;
using Npgsql;

namespace CooperationEvents.IntegrationTests.Statistics;

/// <summary>The role for BI tools reads the schema made for it, and nothing else.</summary>
public sealed class AnalystRoleTests(SharedRegister register)
{
    [Fact]
    public async Task It_reads_every_view_of_its_schema()
    {
        var views = await Names("select table_name from information_schema.views where table_schema = 'analytics'");
        views.ShouldContain("fact_commitment");
        views.Count.ShouldBeGreaterThan(15);
        foreach (var view in views)
            await AsAnalyst($"select * from analytics.{view}");
    }

    [Fact]
    public async Task It_reads_no_other_table_and_writes_none()
    {
        var tables = await Names(
            """
            select format('%I.%I', schemaname, tablename) from pg_tables
            where schemaname not in ('pg_catalog', 'information_schema') and schemaname not like 'replay\_%'
            """
        );
        foreach (var schema in new[] { "facts", "views", "register", "recording", "access" })
            tables.ShouldContain(t => t.StartsWith(schema + ".", StringComparison.Ordinal), schema);
        foreach (var table in tables)
            (await Should.ThrowAsync<PostgresException>(() => AsAnalyst($"select * from {table}"))).SqlState.ShouldBe(
                PostgresErrorCodes.InsufficientPrivilege,
                table
            );
        (await Should.ThrowAsync<PostgresException>(() => AsAnalyst("delete from analytics.fact_meeting"))).SqlState.ShouldBeOneOf(
            PostgresErrorCodes.InsufficientPrivilege,
            PostgresErrorCodes.ObjectNotInPrerequisiteState
        );
        (await Should.ThrowAsync<PostgresException>(() => AsAnalyst("create table analytics.mine (id int)"))).SqlState.ShouldBe(
            PostgresErrorCodes.InsufficientPrivilege
        );
        (await Should.ThrowAsync<PostgresException>(() => AsAnalyst("create table public.mine (id int)"))).SqlState.ShouldBe(
            PostgresErrorCodes.InsufficientPrivilege
        );
    }

    [Fact]
    public async Task Every_view_and_column_says_what_it_is()
    {
        (
            await Names(
                """
                select format('%s.%s', c.relname, a.attname) from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
                where c.relnamespace = 'analytics'::regnamespace and c.relkind = 'v' and coalesce(col_description(c.oid, a.attnum), '') = ''
                """
            )
        ).ShouldBeEmpty("AnalyticsComments says nothing of these columns. Name them in docs/analysts.md, too.");
        (
            await Names(
                "select relname from pg_class where relnamespace = 'analytics'::regnamespace and relkind = 'v' and "
                    + "coalesce(obj_description(oid), '') = ''"
            )
        ).ShouldBeEmpty();
        (
            await Names(
                "select proname::text from pg_proc where pronamespace = 'analytics'::regnamespace and obj_description(oid) is not null"
            )
        ).ShouldBe(["figures"]);
    }

    [Fact]
    public async Task Columns_that_join_have_one_type()
    {
        foreach (var key in new[] { "framework_id", "meeting_id", "organisation_id", "level_key", "party_key", "area_key" })
            (
                await Names(
                    "select distinct data_type from information_schema.columns where table_schema = 'analytics' and column_name = $1",
                    key
                )
            ).ShouldBe(["uuid"], key);
        (
            await Names(
                "select distinct data_type from information_schema.columns where table_schema = 'analytics' and column_name in "
                    + "('person_key', 'counted_as_key')"
            )
        ).ShouldBe(["bigint"]);
    }

    [Fact]
    public async Task The_key_of_a_person_is_nothing_that_the_feed_shows()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = (await register.Host.Post("/v1/people", new { name = "Ana" })).ShouldBeAccepted(201);
        var other = (await register.Host.Post("/v1/people", new { name = "Ben" })).ShouldBeAccepted(201);
        await register.Host.Reaches(other.Position);

        var keys = (await Names("select person_key::text from analytics.dim_person")).Select(long.Parse).ToList();
        keys.ShouldNotContain(person.Position);
        keys.ShouldNotContain(other.Position);
        keys.Distinct().Count().ShouldBe(keys.Count);
        (await Names("select person_key::text from analytics.dim_person"))
            .Select(long.Parse)
            .Order()
            .ShouldBe(keys.Order(), "It is the same whenever it is looked at.");
    }

    [Theory]
    [InlineData("dim_person", "")]
    [InlineData("dim_person", "set local enable_hashjoin = off; set local enable_mergejoin = off;")]
    [InlineData("dim_person", "set local enable_hashjoin = off; set local enable_nestloop = off;")]
    [InlineData("fact_attendance", "")]
    [InlineData("fact_attendance", "set local enable_hashjoin = off; set local enable_mergejoin = off;")]
    [InlineData("fact_presence", "")]
    [InlineData("fact_presence", "set local enable_hashjoin = off; set local enable_mergejoin = off;")]
    public async Task Rows_of_people_come_in_the_order_of_their_keys_to_whoever_and_whatever_reads_them(string view, string plan)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var people = await cooperation.People(30);
        var body = cooperation.Meeting();
        body["attendees"] = Bodies.Of(new { attendees = people.Select(p => cooperation.Attendee(p, status: "attended")) })[
            "attendees"
        ]!.DeepClone();
        await register.Host.Reaches((await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201).Position);

        var seen = new List<long>();
        await using var connection = await register.Host.Database.Source.OpenConnectionAsync();
        connection.Notice += (_, told) => seen.Add(long.Parse(told.Notice.MessageText, CultureInfo.InvariantCulture));
        await using var transaction = await connection.BeginTransactionAsync();
        await using var read = new NpgsqlCommand(
            $"""
            create function pg_temp.seen(key bigint) returns boolean language plpgsql cost 0.0001
                as $$ begin raise notice '%', key; return true; end $$;
            set local role {AnalyticsSchema.Role};
            {plan}
            select person_key from analytics.{view} where person_key is not null
            """,
            connection
        );
        var keys = new List<long>();
        await using (var rows = await read.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
                keys.Add(rows.GetInt64(0));
        }

        keys.Count.ShouldBeGreaterThanOrEqualTo(30);
        keys.ShouldBe(keys.Order());
        await using var looked = new NpgsqlCommand($"select from analytics.{view} where pg_temp.seen(person_key)", connection);
        await looked.ExecuteNonQueryAsync();
        seen.Count.ShouldBeGreaterThanOrEqualTo(30);
        seen.ShouldBe(seen.Order());
        await transaction.RollbackAsync();
    }

    [Fact]
    public async Task A_meeting_that_never_ends_is_a_day_like_others()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var body = cooperation.Meeting(("start", "2020-01-01"), ("end", "9999-12-31"));
        var endless = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
        await register.Host.Reaches(endless.Position);

        (
            await Names(
                "select d.year::text from analytics.fact_meeting m join analytics.dim_date d on d.day = m.last_day where m.meeting_id = $1",
                endless.Id
            )
        ).ShouldBe(["9999"]);
        (
            await Names(
                """
                with years as (
                    select extract(year from v.day)::int as year
                    from analytics.fact_meeting m cross join lateral (values (m.first_day), (m.last_day)) v(day)
                    union
                    select extract(year from v.day)::int
                    from analytics.fact_commitment c cross join lateral (values (c.made_on), (c.due_on)) v(day)
                )
                select distinct d.year::text from analytics.dim_date d
                where d.year > $1 and not exists (select from years y where y.year = d.year)
                """,
                DateTime.UtcNow.Year + 1
            )
        ).ShouldBeEmpty("A year to come is there for a meeting or a commitment alone.");
    }

    [Fact]
    public async Task Today_is_that_of_the_register_whatever_the_time_zone_of_who_asks()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var dayAfter = DateTime.UtcNow.AddDays(2).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var renamed = await cooperation.Do(
            $"/v1/organisations/{cooperation.Home}/rename",
            new
            {
                name = "The day after tomorrow",
                shortName = "DAYA",
                on = dayAfter,
            }
        );
        await register.Host.Reaches(renamed.Position);

        await AsAnalyst(
            $"""
            set local time zone '<ahead>-72';
            do $$ begin
                if (select short_name from analytics.dim_organisation where organisation_id = '{cooperation.Home}') = 'DAYA' then
                    raise 'it has the name of a day to come';
                end if;
            end $$;
            """
        );
    }

    [Fact]
    public async Task Figures_of_a_day_to_come_are_those_of_the_API()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var days = new[] { 0, 1, 400 }
            .Select(d => DateTime.UtcNow.AddDays(d).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
            .ToArray();
        var body = cooperation.Meeting(("start", days[0]), ("end", days[1]));
        var held = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        foreach (var (day, expected) in days.Zip(["0", "1", "1"]))
        {
            var asked = $"/v1/statistics/cumulative?framework={cooperation.Framework}&asOf={day}";
            var answer = (await register.Host.Read(asked, held.Position, "analyst")).ShouldBeRead();
            answer["meetingsHeld"]!.ToString().ShouldBe(expected, day);
            (
                await Names(
                    "select meetings_held::text from analytics.figures('total', framework => $1, as_of => $2::date)",
                    cooperation.Framework,
                    day
                )
            ).ShouldBe([expected], day);
        }
    }

    [Fact]
    public async Task The_calendar_has_every_day_that_a_meeting_or_a_commitment_has()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var body = cooperation.Meeting();
        (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
        var made = await cooperation.Undertake(("dueOn", "2090-05"));
        await register.Host.Reaches(made.Position);

        var days = (await Names("select day::text from analytics.dim_date where year <= extract(year from now()) order by day"))
            .Select(d => DateOnly.Parse(d, System.Globalization.CultureInfo.InvariantCulture))
            .ToList();
        (days[0].Month, days[0].Day, days[^1].Month, days[^1].Day).ShouldBe((1, 1, 12, 31));
        days.Count.ShouldBe(days[^1].DayNumber - days[0].DayNumber + 1);
        (
            await Names(
                """
                select v.day::text
                from (
                    select last_day from analytics.fact_meeting
                    union all select made_on from analytics.fact_commitment
                    union all select due_on from analytics.fact_commitment
                ) v (day)
                where v.day not in (select day from analytics.dim_date)
                """
            )
        ).ShouldBeEmpty();
    }

    [Fact]
    public async Task Figures_as_known_earlier_leave_the_session_as_it_was()
    {
        await using var connection = await register.Host.Database.Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            "set analytics.known_at = '7'; select sum(meetings_held) from analytics.figures(known_at => 0); select "
                + "current_setting('analytics.known_at')",
            connection
        );
        await using var reader = await command.ExecuteReaderAsync();
        await reader.NextResultAsync();
        (await reader.ReadAsync()).ShouldBeTrue();
        reader.GetString(0).ShouldBe("7");
        await reader.DisposeAsync();
        (
            await Should.ThrowAsync<PostgresException>(() => AsAnalyst("select * from analytics.figures('planet')"))
        ).MessageText.ShouldContain("there is no dimension planet; there are total, framework");
        (
            await Should.ThrowAsync<PostgresException>(() => AsAnalyst("select * from analytics.figures('level,year,role')"))
        ).MessageText.ShouldContain("one or two dimensions");
        (
            await Should.ThrowAsync<PostgresException>(() => AsAnalyst("select * from analytics.figures(known_at => 999999999)"))
        ).MessageText.ShouldContain("position 999999999 is not settled yet");
    }

    [Theory]
    [InlineData("figures('')", "by names none")]
    [InlineData("figures(null)", "by names none")]
    [InlineData("figures('level,')", "there is no dimension ")]
    [InlineData("figures('level,level')", "twice")]
    [InlineData("figures('total,level')", "alone")]
    [InlineData("figures(framework => '01a22391-ab71-7139-bf39-5ad62ac6a6cc')", "there is no framework 01a22391")]
    public async Task What_cannot_be_counted_is_refused_in_words(string figures, string words) =>
        (await Should.ThrowAsync<PostgresException>(() => AsAnalyst($"select * from analytics.{figures}"))).MessageText.ShouldContain(
            words
        );

    [Theory]
    [InlineData("known_at")]
    [InlineData("fact_meeting")]
    [InlineData("figures()")]
    public async Task A_position_that_is_not_reached_is_refused_by_every_view(string view)
    {
        await register.Host.Reaches((await (await Cooperation.Start(register.Host)).Schedule()).Position);
        (
            await Should.ThrowAsync<PostgresException>(() =>
                AsAnalyst($"set local analytics.known_at = '99999999'; select * from analytics.{view}")
            )
        ).MessageText.ShouldContain("position 99999999 is not settled yet");
    }

    [Fact]
    public async Task Where_nothing_counts_there_are_rows_of_zeros_as_in_the_API()
    {
        var cooperation = await Cooperation.Start(register.Host);
        await register.Host.Reaches((await cooperation.Schedule()).Position);

        foreach (
            var (by, cells) in new (string, string[])[]
            {
                ("total", ["total"]),
                ("framework", [$"{cooperation.Framework}"]),
                ("level", ["senior-officials", "technical-experts"]),
                ("party", ["EU", "IOM"]),
                ("year", []),
                ("level,year", []),
            }
        )
        {
            (
                await Names(
                    $"""
                    select concat_ws(' ', framework_id, cell, meetings_held, meetings_without_attendance, attendances, unnamed, known,
                        at_least, at_most) from analytics.figures('{by}', $1, '2000-01-01') order by 1
                    """,
                    cooperation.Framework
                )
            ).ShouldBe(cells.Select(c => $"{cooperation.Framework} {c} 0 0 0 0 0 0 0"), by);
        }
    }

    [Fact]
    public async Task It_cannot_log_in_and_may_do_nothing_special() =>
        (
            await register.Host.Database.Scalar<bool>(
                "select rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls from pg_roles where "
                    + "rolname = $1",
                AnalyticsSchema.Role
            )
        ).ShouldBeFalse();

    [Fact]
    public async Task No_column_it_reads_has_the_id_of_a_person()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var person = await cooperation.Person();
        var body = cooperation.Meeting();
        body["attendees"] = Bodies.Of(new { attendees = new[] { cooperation.Attendee(person, status: "attended") } })[
            "attendees"
        ]!.DeepClone();
        var held = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);
        await register.Host.Reaches(held.Position);

        (await Names("select person_key::text from analytics.fact_attendance where meeting_id = $1", held.Id)).ShouldHaveSingleItem();
        foreach (var view in await Names("select table_name from information_schema.views where table_schema = 'analytics'"))
            (await Names($"select to_jsonb(v)::text from analytics.{view} v where to_jsonb(v)::text like $1", $"%{person}%")).ShouldBeEmpty(
                view
            );
    }

    private async Task AsAnalyst(string sql)
    {
        await using var connection = await register.Host.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var role = new NpgsqlCommand($"set local role {AnalyticsSchema.Role}", connection))
            await role.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<IReadOnlyList<string>> Names(string sql, params object[] parameters) =>
        [.. (await register.Host.Database.Rows(sql, parameters)).Select(r => (string)r[0]!)];
}
