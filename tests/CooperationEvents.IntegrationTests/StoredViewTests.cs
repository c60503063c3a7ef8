using System.Text.Json.Nodes;
using CooperationEvents.Commitments;
using CooperationEvents.Frameworks;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using CooperationEvents.Publications;
using CooperationEvents.Reading;
using CooperationEvents.Testing;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CooperationEvents.IntegrationTests;

/// <summary>Views are stored by a statement of ours, many at a time, and are documents of Marten all the same.</summary>
public sealed class StoredViewTests(SharedRegister register)
{
    private RegisterHost Host => register.Host;

    [Fact]
    public async Task A_row_of_a_view_is_the_one_that_Marten_would_store()
    {
        var cooperation = await Cooperation.Start(Host);
        var person = await cooperation.Person();
        var meeting = await cooperation.Schedule();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/attendance", Attended(person));
        var dueSoon = await cooperation.Undertake();
        var dueNever = await cooperation.Undertake(("dueOn", null));
        var published = (
            await Host.Post("/v1/statistics/publications", new { framework = cooperation.Framework, acknowledgeSmallCells = true }, "admin")
        ).ShouldBeAccepted(201);
        await Host.Reaches(published.Position);

        await ShouldBeAsMartenStores<PublicationView>(Host, published.Id, version: 1);
        await ShouldBeAsMartenStores<FrameworkView>(Host, cooperation.Framework, version: 3);
        await ShouldBeAsMartenStores<OrganisationView>(Host, cooperation.Home, version: 1);
        await ShouldBeAsMartenStores<PersonView>(Host, person, version: 1);
        await ShouldBeAsMartenStores<MeetingView>(Host, meeting.Id, version: 2);
        await ShouldBeAsMartenStores<CommitmentView>(Host, dueSoon.Id, version: 1);
        await ShouldBeAsMartenStores<CommitmentView>(Host, dueNever.Id, version: 1);

        object Attended(Guid who) => new { attendees = new[] { cooperation.Attendee(who, status: "attended") } };
    }

    /// <summary>One statement stores 100 views. These are made in one page, and changed together in another.</summary>
    [Fact]
    public async Task Views_that_change_in_one_page_are_stored_each_as_its_own_events_say()
    {
        await using var database = await TestDatabase.Create();
        var directory = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        IReadOnlyList<Guid> commitments = [];
        await InOnePage(
            database,
            directory,
            async host =>
            {
                var cooperation = await Cooperation.Start(host);
                commitments = [.. (await Task.WhenAll(Enumerable.Range(0, 101).Select(_ => cooperation.Undertake()))).Select(c => c.Id)];
            },
            host => ShouldBeAsMartenStores<CommitmentView>(host, commitments[0], version: 1)
        );

        await InOnePage(
            database,
            directory,
            async host =>
                await Task.WhenAll(
                    commitments.Select(async id =>
                    {
                        var progress = new { on = "2018-06", note = $"Of {id}." };
                        (await host.Post($"/v1/commitments/{id}/progress", progress)).ShouldBeAccepted();
                        (await host.Post($"/v1/commitments/{id}/fulfil", new { on = "2018-07" })).ShouldBeAccepted();
                    })
                ),
            async host =>
            {
                foreach (var id in commitments)
                {
                    var read = (await host.Get($"/v1/commitments/{id}")).ShouldBeRead();
                    read["version"]!.GetValue<long>().ShouldBe(3);
                    read["status"]!.GetValue<string>().ShouldBe("fulfilled");
                    read["progress"]![0]!["note"]!.GetValue<string>().ShouldBe($"Of {id}.");
                    await ShouldBeAsMartenStores<CommitmentView>(host, id, version: 3);
                }
            }
        );
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Posts while nobody runs the read models, has them take all of it together, and looks at them.</summary>
    private static async Task InOnePage(
        TestDatabase database,
        string directory,
        Func<RegisterHost, Task> post,
        Func<RegisterHost, Task> look
    )
    {
        await using var elsewhere = await database.Source.OpenConnectionAsync();
        await using (var lead = new NpgsqlCommand($"select pg_advisory_lock({AdvisoryLocks.ReadModels})", elsewhere))
            await lead.ExecuteNonQueryAsync();
        await using var host = await RegisterHost.Start(database, directory);
        await post(host);
        await using (var free = new NpgsqlCommand($"select pg_advisory_unlock({AdvisoryLocks.ReadModels})", elsewhere))
            await free.ExecuteNonQueryAsync();
        await host.Reaches(await database.Scalar<long>("select max(seq_id) from register.mt_events"));
        (await database.Scalar<long>($"select count(distinct mt_last_modified) from {CommitmentView.Table}")).ShouldBe(1);
        await look(host);
    }

    /// <summary>Has Marten store the view that it reads, and looks what of its row changes but the time.</summary>
    private static async Task ShouldBeAsMartenStores<TView>(RegisterHost host, Guid id, long version)
        where TView : class, IView
    {
        var (stored, kept, modified) = await Row<TView>(host, id);
        kept.ShouldBe(version);
        modified.ShouldBeTrue("mt_last_modified is not set");
        await using (var session = host.Services.GetRequiredService<IDocumentStore>().LightweightSession())
        {
            session.Store((await session.LoadAsync<TView>(id)).ShouldNotBeNull());
            await session.SaveChangesAsync();
        }

        var byMarten = (await Row<TView>(host, id)).Row;
        JsonNode.DeepEquals(JsonNode.Parse(byMarten), JsonNode.Parse(stored)).ShouldBeTrue($"{stored}, and by Marten {byMarten}");
    }

    private static async Task<(string Row, long Version, bool Modified)> Row<TView>(RegisterHost host, Guid id)
        where TView : IView
    {
        var row = (
            await host.Database.Rows(
                $"select (to_jsonb(v) - 'mt_last_modified')::text, mt_version, mt_last_modified is not null from {TView.Table} v "
                    + "where id = $1",
                id
            )
        ).ShouldHaveSingleItem();
        return ((string)row[0]!, (long)row[1]!, (bool)row[2]!);
    }
}
