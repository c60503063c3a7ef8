using System.Text.Json.Nodes;
using CooperationEvents.Commitments;
using CooperationEvents.Frameworks;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using CooperationEvents.Publications;
using CooperationEvents.Reading;
using CooperationEvents.Testing;
using Marten;
using Microsoft.Extensions.DependencyInjection;

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

        await ShouldBeAsMartenStores<PublicationView>(published.Id, version: 1);
        await ShouldBeAsMartenStores<FrameworkView>(cooperation.Framework, version: 3);
        await ShouldBeAsMartenStores<OrganisationView>(cooperation.Home, version: 1);
        await ShouldBeAsMartenStores<PersonView>(person, version: 1);
        await ShouldBeAsMartenStores<MeetingView>(meeting.Id, version: 2);
        await ShouldBeAsMartenStores<CommitmentView>(dueSoon.Id, version: 1);
        await ShouldBeAsMartenStores<CommitmentView>(dueNever.Id, version: 1);

        object Attended(Guid who) => new { attendees = new[] { cooperation.Attendee(who, status: "attended") } };
    }

    /// <summary>However the events fall into pages.</summary>
    [Fact]
    public async Task Views_that_change_at_once_are_stored_each_as_its_own_events_say()
    {
        var cooperation = await Cooperation.Start(Host);
        var before = await cooperation.Undertake();
        await Host.Reaches(before.Position);
        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => cooperation.Undertake()));
        var changed = await Task.WhenAll(
            made.Append(before)
                .Select(async commitment =>
                {
                    var path = $"/v1/commitments/{commitment.Id}";
                    await cooperation.Do($"{path}/progress", new { on = "2018-06", note = $"Of {commitment.Id}." });
                    return await cooperation.Do($"{path}/fulfil", new { on = "2018-07" });
                })
        );

        foreach (var commitment in changed)
        {
            var read = (await Host.Read($"/v1/commitments/{commitment.Id}", changed.Max(c => c.Position))).ShouldBeRead();
            read["version"]!.GetValue<long>().ShouldBe(3);
            read["status"]!.GetValue<string>().ShouldBe("fulfilled");
            read["progress"]![0]!["note"]!.GetValue<string>().ShouldBe($"Of {commitment.Id}.");
            await ShouldBeAsMartenStores<CommitmentView>(commitment.Id, version: 3);
        }
    }

    /// <summary>Has Marten store the view that it reads, and looks what of its row changes but the time.</summary>
    private async Task ShouldBeAsMartenStores<TView>(Guid id, long version)
        where TView : class, IView
    {
        var (stored, kept, modified) = await Row<TView>(id);
        kept.ShouldBe(version);
        modified.ShouldBeTrue("mt_last_modified is not set");
        await using (var session = Host.Services.GetRequiredService<IDocumentStore>().LightweightSession())
        {
            session.Store((await session.LoadAsync<TView>(id)).ShouldNotBeNull());
            await session.SaveChangesAsync();
        }

        var byMarten = (await Row<TView>(id)).Row;
        JsonNode.DeepEquals(JsonNode.Parse(byMarten), JsonNode.Parse(stored)).ShouldBeTrue($"{stored}, and by Marten {byMarten}");
    }

    private async Task<(string Row, long Version, bool Modified)> Row<TView>(Guid id)
        where TView : IView
    {
        var row = (
            await Host.Database.Rows(
                $"select (to_jsonb(v) - 'mt_last_modified')::text, mt_version, mt_last_modified is not null from {TView.Table} v "
                    + "where id = $1",
                id
            )
        ).ShouldHaveSingleItem();
        return ((string)row[0]!, (long)row[1]!, (bool)row[2]!);
    }
}
