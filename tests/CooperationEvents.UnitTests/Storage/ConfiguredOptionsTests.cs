using CooperationEvents.Audit;
using CooperationEvents.Feed;
using CooperationEvents.Http;
using CooperationEvents.Storage;
using CooperationEvents.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CooperationEvents.UnitTests.Storage;

public sealed class ConfiguredOptionsTests
{
    [Fact]
    public void What_is_not_configured_is_as_it_begins()
    {
        var limits = Given().Of<LimitOptions>();

        limits.AtOnce.ShouldBe(64);
        limits.Burst.ShouldBeNull();
    }

    [Fact]
    public void What_is_configured_is_read_whatever_its_capitals()
    {
        var options = Given(("limits:atonce", "7"), ("Feed:HeartBeat", "00:00:02"), ("Webhooks:AllowPrivateAddresses", "True"));

        options.Of<LimitOptions>().AtOnce.ShouldBe(7);
        options.Of<FeedOptions>().HeartBeat.ShouldBe(TimeSpan.FromSeconds(2));
        options.Of<WebhookOptions>().AllowPrivateAddresses.ShouldBeTrue();
    }

    [Fact]
    public void Sections_and_lists_within_are_read()
    {
        var audit = Given(("Audit:Replays:Share", "90"), ("Audit:Witnesses:0:Url", "https://w.example"), ("Audit:Witnesses:0:Key", "k"))
            .Of<AuditOptions>();

        audit.Replays.Share.ShouldBe(90);
        audit.Witnesses.ShouldHaveSingleItem().Url.ShouldBe("https://w.example");
    }

    [Fact]
    public void A_value_where_a_list_or_names_belong_is_named()
    {
        var options = Given(("Audit:Witnesses", "https://w.example"), ("Countries:UserAssigned", "XK"));

        options
            .Faults<AuditOptions>()
            .ShouldBe(["Audit:Witnesses is 'https://w.example', which is no list, whose entries are named 0, 1 and so on behind it."]);
        options
            .Faults<CountryOptions>()
            .ShouldBe(["Countries:UserAssigned is 'XK', which is no name with a value, such as NAME=value behind it."]);
    }

    [Theory]
    [InlineData("Limits:AtOnce", "many", "Limits:AtOnce is 'many', which is no whole number.")]
    [InlineData("Limits:AtOnce", "0", "Limits:AtOnce is 0; it must be from 1 to 100000.")]
    [InlineData("Limits:RequestsPerSecond", "0", "Limits:RequestsPerSecond is 0; it must be from 1 to 1000000.")]
    [InlineData("Limits:Burst", "99999999999", "Limits:Burst is '99999999999', which is no whole number.")]
    public void A_value_that_cannot_be_used_is_named(string name, string value, string fault) =>
        Given((name, value)).Faults<LimitOptions>().ShouldBe([fault]);

    [Theory]
    [InlineData("Feed:HeartBeat", "soon", "Feed:HeartBeat is 'soon', which is no time such as 00:00:15.")]
    [InlineData("Feed:HeartBeat", "00:20:00", "Feed:HeartBeat is 00:20:00; it must be from 00:00:00.1000000 to 00:10:00.")]
    public void A_time_that_cannot_be_used_is_named(string name, string value, string fault) =>
        Given((name, value)).Faults<FeedOptions>().ShouldBe([fault]);

    [Fact]
    public void A_name_that_is_no_setting_is_told_with_those_that_are()
    {
        var faults = Given(("Audit:Replays:Shares", "10"), ("Audit:Orgin", "x")).Faults<AuditOptions>();

        faults.Count.ShouldBe(2);
        faults.ShouldContain(
            "Audit:Replays:Shares is no setting. There are Audit:Replays:DiskBytes, Audit:Replays:Share, Audit:Replays:RowsAtOnce."
        );
        faults.ShouldContain(f => f.StartsWith("Audit:Orgin is no setting. There are Audit:Origin,", StringComparison.Ordinal));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once() =>
        Should
            .Throw<OptionsValidationException>(() => Given(("Limits:AtOnce", "0"), ("Limits:Waiting", "-1")).Of<LimitOptions>())
            .Failures.Count()
            .ShouldBe(2);

    [Fact]
    public void A_section_is_read_once()
    {
        var configuration = Configuration(("Limits:AtOnce", "7"));
        var options = new ConfiguredOptions(configuration);
        options.Faults<LimitOptions>().ShouldBeEmpty();
        configuration["Limits:AtOnce"] = "0";

        options.Of<LimitOptions>().AtOnce.ShouldBe(7);
        options.Of<LimitOptions>().ShouldBeSameAs(options.Of<LimitOptions>());
    }

    private static ConfiguredOptions Given(params (string Name, string Value)[] settings) => new(Configuration(settings));

    private static IConfiguration Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build();
}
