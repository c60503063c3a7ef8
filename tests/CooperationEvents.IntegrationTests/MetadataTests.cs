using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

public sealed class MetadataTests(SharedRegister register)
{
    [Fact]
    public async Task Every_event_says_who_recorded_it_on_whose_behalf_from_where_and_in_what_connection()
    {
        var onBehalfOf = (await register.Host.Post("/v1/people", new { name = "Ada Lovelace" })).ShouldBeAccepted(201).Id;
        var accepted = (
            await register.Host.Post(
                "/v1/organisations",
                new { name = "EEAS", shortName = "EEAS" },
                "recorder",
                ("Cooperation-Source", "crm of DG HOME"),
                ("Cooperation-On-Behalf-Of", onBehalfOf.ToString()),
                ("X-Correlation-Id", "ticket-4711")
            )
        ).ShouldBeAccepted(201);

        var recorded = (await Recorded(accepted.Id)).Single();
        recorded.Actor.ShouldBe(await Principal("recorder"));
        recorded.Correlation.ShouldBe("ticket-4711");
        Guid.TryParse(recorded.Causation, out _).ShouldBeTrue();
        JsonNode
            .DeepEquals(recorded.Headers, new JsonObject { ["source"] = "crm of DG HOME", ["onBehalfOf"] = onBehalfOf.ToString() })
            .ShouldBeTrue(recorded.Headers?.ToJsonString());
        (DateTime.UtcNow - recorded.At).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task On_whose_behalf_is_taken_of_somebody_who_is_known_from_who_records_people()
    {
        var host = register.Host;
        await host.AddKey("activity alone", Scopes.ActivityWrite);
        var (person, erased) = (await Person(), await Person());
        (await host.Erase(erased)).ShouldBeAccepted();
        var (principal, ended) = (Guid.Parse(await Principal("privacy")), await Made());
        (await host.Post($"/v1/access/principals/{ended}/end", new { }, "admin")).Status.ShouldBe(204);

        foreach (var known in new[] { person, principal })
            (await Recorded((await For(known)).ShouldBeAccepted(201).Id)).Single().Headers!.Text("onBehalfOf").ShouldBe($"{known}");
        (await For(person, "activity alone")).ShouldBeProblem(403, "on-behalf-of-not-allowed");
        (await For(erased)).ShouldBeProblem(410, "erased");
        foreach (var nobody in new[] { Guid.NewGuid(), ended, (await For(person)).Id })
            (await For(nobody)).ShouldBeProblem(400, "invalid-header");
        using var rows = new StringContent("name,shortName\nEEAS,EEAS\n", Encoding.UTF8, "text/csv");
        (await host.Post("/v1/imports?kind=organisations", rows, headers: Header(ended))).ShouldBeProblem(400, "invalid-header");
        (
            await host.Post($"/v1/people/{person}/restrict", new { reason = "asked", restricted = true }, "privacy", Header(person))
        ).ShouldBeAccepted();
        (await Recorded(person))[^1].Headers!.Text("onBehalfOf").ShouldBe($"{person}");

        Task<Answer> For(Guid whom, string role = "recorder") =>
            host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" }, role, Header(whom));
        async Task<Guid> Person() => (await host.Post("/v1/people", new { name = "Ada Lovelace" })).ShouldBeAccepted(201).Id;
        async Task<Guid> Made() =>
            Guid.Parse((await host.Post("/v1/access/keys", new { owner = "Who left", role = "reader" }, "admin")).Json.Text("principalId"));
        static (string, string) Header(Guid whom) => ("Cooperation-On-Behalf-Of", $"{whom}");
    }

    [Fact]
    public async Task What_was_accepted_on_behalf_of_somebody_is_answered_again_once_they_are_gone()
    {
        var host = register.Host;
        var person = (await host.Post("/v1/people", new { name = "Ada Lovelace" })).ShouldBeAccepted(201).Id;
        var (key, header) = (("Idempotency-Key", $"{Guid.NewGuid()}"), ("Cooperation-On-Behalf-Of", $"{person}"));
        var body = new { name = "EEAS", shortName = "EEAS" };
        var first = (await host.Post("/v1/organisations", body, "recorder", key, header)).ShouldBeAccepted(201);
        using var posted = Event();
        (await host.Post("/v1/events", posted, "recorder", header)).Status.ShouldBe(200);

        (await host.Erase(person)).ShouldBeAccepted();

        (await host.Post("/v1/organisations", body, "recorder", key, header)).ShouldBeAccepted(201).Text.ShouldBe(first.Text);
        (await host.Post("/v1/organisations", body, "recorder", header)).ShouldBeProblem(410, "erased");
        using var again = Event();
        (await host.Post("/v1/events", again, "recorder", header)).Json.Text("outcome").ShouldBe("duplicate");

        StringContent Event() =>
            new(
                JsonSerializer.Serialize(
                    new
                    {
                        specversion = "1.0",
                        id = $"{person}",
                        source = "crm",
                        type = "org.cooperation.register-organisation.v1",
                        data = body,
                    }
                ),
                new System.Net.Http.Headers.MediaTypeHeaderValue("application/cloudevents+json")
            );
    }

    [Fact]
    public async Task A_trace_that_a_caller_names_is_not_joined()
    {
        var (stranger, joined) = (ActivityTraceId.CreateRandom(), new ConcurrentBag<Activity>());
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == stranger ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStarted = activity =>
            {
                if (activity.TraceId == stranger || activity.Baggage.Any())
                    joined.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);

        var posted = (
            await register.Host.Post(
                "/v1/organisations",
                new { name = "DG HOME", shortName = "HOME" },
                "recorder",
                ("traceparent", $"00-{stranger}-{ActivitySpanId.CreateRandom()}-01"),
                ("tracestate", "vendor=any"),
                ("baggage", "user=ada")
            )
        ).ShouldBeAccepted(201);

        joined.ShouldBeEmpty();
        (
            await register.Host.Database.Scalar<string>("select correlation_id from register.mt_events where stream_id = $1", posted.Id)
        ).ShouldNotContain(stranger.ToString());
    }

    [Fact]
    public async Task What_the_caller_leaves_out_is_absent_but_for_a_correlation_of_the_requests_own()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (first, second) = (await cooperation.Schedule(), await cooperation.Schedule());

        var (one, other) = ((await Recorded(first.Id)).Single(), (await Recorded(second.Id)).Single());
        (one.Headers?.AsObject().Count ?? 0).ShouldBe(0);
        one.Correlation.ShouldNotBeNullOrEmpty();
        other.Correlation.ShouldNotBe(one.Correlation);
    }

    [Fact]
    public async Task Events_of_one_command_share_a_cause_and_those_of_two_do_not()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var held = (await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting())).ShouldBeAccepted(201);
        await cooperation.Do($"/v1/meetings/{held.Id}/void", new { reason = "entered twice" });

        (await Recorded(held.Id)).GroupBy(e => e.Causation).Select(g => g.Count()).ShouldBe([2, 1]);
    }

    [Fact]
    public async Task The_actor_is_the_principal_of_the_key_and_no_name()
    {
        var ids = new List<string?>();
        foreach (var role in new[] { "recorder", "recorder", "admin" })
        {
            var accepted = (
                await register.Host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" }, role)
            ).ShouldBeAccepted(201);
            ids.Add((await Recorded(accepted.Id)).Single().Actor);
        }

        ids[0].ShouldBe(ids[1]);
        ids[0].ShouldNotBe(ids[2]);
        ids.ShouldAllBe(id => Guid.Parse(id!) != Guid.Empty);
    }

    [Fact]
    public async Task Every_event_is_stored_under_its_name_in_a_stream_of_its_kind()
    {
        // That these are the names of the contract, a unit test holds.
        var streams = EventType.All.ToDictionary(e => e.Name, e => $"{e.Stream}");
        foreach (var command in Commands.All.Values)
        {
            var prepared = await command(await Cooperation.Start(register.Host));
            var answer = await Erasing.Done(() => register.Host.Post(prepared.Path, prepared.Body, prepared.Role));
            answer.Status.ShouldBeOneOf([200, 201], answer.ToString());
        }

        var stored = await register.Host.Database.Rows(
            """
            select distinct s.type, e.type from register.mt_events e join register.mt_streams s on s.id = e.stream_id
                where e.type <> 'tombstone'
            """
        );

        stored.Count.ShouldBeGreaterThan(30);
        foreach (var row in stored)
            streams[(string)row[1]!].ShouldBe((string)row[0]!, $"{row[1]}");
        (
            await register.Host.Database.Scalar<long>(
                "select count(*) from register.mt_events where is_archived or tenant_id <> '*DEFAULT*'"
            )
        ).ShouldBe(0);
        (
            await register.Host.Database.Scalar<long>(
                """
                select count(*) from register.mt_events, jsonb_each(case jsonb_typeof(headers) when 'null' then '{}'
                    else headers end) header
                where header.key not in ('source', 'onBehalfOf')
                """
            )
        ).ShouldBe(0);
        (
            await register.Host.Database.Scalar<long>(
                """
                select count(*) from register.mt_events where type <> 'tombstone'
                    and (user_name !~ '^[0-9a-f-]{36}$' or user_name is null or correlation_id is null or causation_id is null)
                """
            )
        ).ShouldBe(0);
    }

    private async Task<string> Principal(string role) =>
        await register.Host.Database.Scalar<string>(
            "select principal_id::text from access.api_key where hash = $1",
            SHA256.HashData(Encoding.UTF8.GetBytes(register.Host.Keys[role]))
        );

    private async Task<IReadOnlyList<Metadata>> Recorded(Guid stream) =>
        [
            .. (
                await register.Host.Database.Rows(
                    "select user_name, correlation_id, causation_id, headers::text, timestamp from register.mt_events where stream_id = $1 "
                        + "order by version",
                    stream
                )
            ).Select(row => new Metadata(
                (string?)row[0],
                (string?)row[1],
                (string?)row[2],
                row[3] is string json ? JsonNode.Parse(json) : null,
                (DateTime)row[4]!
            )),
        ];

    private sealed record Metadata(string? Actor, string? Correlation, string? Causation, JsonNode? Headers, DateTime At);
}
