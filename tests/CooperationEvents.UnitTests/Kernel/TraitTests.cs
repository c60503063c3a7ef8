using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using CooperationEvents.Recording;
using CooperationEvents.UnitTests.Meetings;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class TraitTests
{
    [Theory]
    [InlineData("Ana Mu\u0308ller", "ana mUller")]
    [InlineData("Müller, Ana", "Ana Müller")]
    [InlineData("O'Neill Sean", "Sean O\u2019Neill")]
    [InlineData("Ａｎａ　Silva", "ana silva")]
    [InlineData("Weiß, Jo", "JO WEISS")]
    [InlineData("Νίκος Παπαδόπουλος", "ΝΙΚΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ")]
    [InlineData("Ahmet Yılmaz", "AHMET YILMAZ")]
    [InlineData("Göç İdaresi Başkanlığı", "GOC IDARESI BASKANLIGI")]
    [InlineData("Łukasz Sørensen", "lukasz sorensen")]
    [InlineData("Ðorđe Þórsson", "Dorde Thorsson")]
    [InlineData("Ægir ﬁnn", "AEGIR FINN")]
    [InlineData(" Ana\u00a0Silva\u200b", "Ana Silva")]
    public void A_person_s_name_is_the_same_in_any_order_and_spelling(string one, string other) =>
        Trait.Values(TraitForm.PersonName, one)[0].ShouldBe(Trait.Values(TraitForm.PersonName, other)[0]);

    [Fact]
    public void A_person_is_found_by_each_word_of_the_name() =>
        Trait.Values(TraitForm.PersonName, "Dr. Ana María da Silva").Skip(1).ShouldBe(["dr", "ana", "maria", "da", "silva"]);

    [Fact]
    public void A_name_without_letters_is_still_a_name() => Trait.Values(TraitForm.Name, "—").ShouldBe(["—"]);

    [Fact]
    public void A_merged_person_is_found_and_like_nobody()
    {
        var merged = Given.Folded<Person>(
            new PersonRegistered(Some.Ana, Protected.Sealed("name"), Protected.Sealed("email")),
            new PersonMerged(Some.Ana, Some.Ben, Protected.Sealed("reason"))
        );

        merged.Traits.Count().ShouldBe(2);
        merged.Traits.ShouldAllBe(t => t.Why == null);
    }

    [Fact]
    public void An_organisation_is_compared_by_name_and_identifiers_until_others_succeed_it()
    {
        var registered = new OrganisationRegistered(Some.Iom, "IOM", "IOM", ["urn:x:1"]);

        Given.Folded<Organisation>(registered).Traits.Select(t => t.Field).ShouldBe(["name", "identifier"]);
        Given
            .Folded<Organisation>(registered, new OrganisationSucceeded(Some.Iom, SuccessionKind.Replace, Some.Date("2020"), [Some.Eeas]))
            .Traits.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("2019-12-31", "B", "C")]
    [InlineData("2019-01-01", "B", "C")]
    [InlineData("2018-12-31", "A", "B", "C")]
    [InlineData("2020-01-01", "C")]
    public void An_organisation_is_compared_by_the_name_of_the_day_and_those_to_come(string day, params string[] names)
    {
        var organisation = Given.Folded<Organisation>(
            new OrganisationRegistered(Some.Iom, "A", "A", []),
            new OrganisationRenamed(Some.Iom, "C", "C", Some.Date("2020"), "A", "A"),
            new OrganisationRenamed(Some.Iom, "Wrong", "W", Some.Date("2019"), "A", "A"),
            new OrganisationRenamed(Some.Iom, "B", "B", Some.Date("2019"), "Wrong", "W")
        );

        organisation.TraitsFrom(Some.Day(day)).Select(t => t.Plain).ShouldBe(names);
        organisation.Traits.Select(t => t.Plain).ShouldBe(["A", "B", "C"]);
    }

    [Theory]
    [InlineData("2018-04-04", "2018-04-05", true)]
    [InlineData("2018-04", "2018-04", false)]
    [InlineData("2018-04-04", "2018-04", false)]
    [InlineData("2018-04", "2018-04-30", false)]
    [InlineData("2018", "2018", false)]
    public void Meetings_are_compared_by_days_that_are_known_as_days(string start, string end, bool compared)
    {
        var meeting = Given.Folded<Meeting>(AMeeting.WasScheduled with { Start = Some.Date(start), End = Some.Date(end) });

        meeting.Traits.Any(t => t.Field == "days").ShouldBe(compared);
    }

    [Theory]
    [InlineData("2027-01-05T23:30", "UTC", "2027-01-06T00:30", "Europe/Brussels", true)]
    [InlineData("2027-01-05T23:30", "UTC", "2027-01-05T23:30", "Europe/Brussels", false)]
    [InlineData("2027-03-28T02:30", "Europe/Brussels", "2027-03-28T01:30", "UTC", true)]
    [InlineData("9999-12-31T23:30", "America/New_York", "9999-12-31T22:30", "America/Chicago", true)]
    [InlineData("2027-01-05", "UTC", "2027-01-05", "UTC", false)]
    public void Meetings_are_compared_by_the_moment_of_their_beginning(string start, string zone, string other, string itsZone, bool alike)
    {
        var begins = Begins(start, zone);

        begins.Count.ShouldBe(start.Contains('T', StringComparison.Ordinal) ? 1 : 0);
        begins.Intersect(Begins(other, itsZone)).Any().ShouldBe(alike);

        static IReadOnlyList<string> Begins(string start, string zone) =>
            [
                .. Given
                    .Folded<Meeting>(AMeeting.WasScheduled with { Start = Some.Date(start), End = Some.Date(start), TimeZone = zone })
                    .Traits.Where(t => t.Field == "begins")
                    .SelectMany(t => Trait.Values(t.Form, Moments.Of(t.Plain!))),
            ];
    }

    [Fact]
    public void A_meeting_that_does_not_take_place_is_like_no_other()
    {
        Given.Folded<Meeting>(AMeeting.WasScheduled, AMeeting.WasCancelled).Traits.ShouldBeEmpty();
        Given.Folded<Meeting>(AMeeting.WasScheduled, new MeetingVoided(Some.Meeting, "twice")).Traits.ShouldBeEmpty();
    }
}
