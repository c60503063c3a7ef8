using CooperationEvents.Kernel;
using CsCheck;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

public sealed class MailAddressTests
{
    [Theory]
    [InlineData("mailto:ana@iom.example", "ana@iom.example")]
    [InlineData(" MAILTO:mailto:Ana@IOM.example. ", "ana@iom.example")]
    [InlineData("Ana Example <ana@iom.example>", "ana@iom.example")]
    [InlineData("mailto:%22ana%22@iom.example?subject=x", "ana@iom.example")]
    [InlineData("mailto:ana%2Bx%40iom.example", "ana+x@iom.example")]
    [InlineData("mu\u0308ller@m\u00FCnchen.example", "m\u00FCller@xn--mnchen-3ya.example")]
    [InlineData("ana\u200b@iom.example", "ana@iom.example")]
    [InlineData("mailto://ana@iom.example", "ana@iom.example")]
    [InlineData("MAILTO://mailto:Ana@iom.example", "ana@iom.example")]
    [InlineData("o'brien+x/y=z@mail_2.iom.example", "o'brien+x/y=z@mail_2.iom.example")]
    [InlineData("o\u2019brien@iom.example", "o\u2019brien@iom.example")]
    [InlineData("b;role=chair:mailto:b8@iom.example", null)]
    [InlineData("//ana@iom.example", null)]
    [InlineData("https://iom.example/@ana", null)]
    [InlineData("ana,ben@iom.example", null)]
    [InlineData("ana@iom.example;ben@iom.example", null)]
    [InlineData("ana@iom..example", null)]
    [InlineData("ana@[192.0.2.1]", null)]
    [InlineData("ana@iom.example/x", null)]
    [InlineData("urn:uuid:f0000000-0000-4000-8000-000000000001", null)]
    [InlineData("ana", null)]
    [InlineData("@iom.example", null)]
    [InlineData("", null)]
    public void An_address_has_one_normal_form(string text, string? normal) => MailAddress.Normal(text).ShouldBe(normal);

    [Fact]
    public void Any_two_spellings_of_one_address_are_one_person() =>
        Gen.Select(
                Gen.Char["abcdefgmnopxyz0189.+_-\u00E9\u00FC"].Array[1, 12].Select(c => new string(c)),
                ACalendar.Any("iom.example", "ec.europa.example", "b\u00FCro.example"),
                Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool).Array[2]
            )
            .Sample(
                (local, domain, spellings) =>
                {
                    var spelt = spellings.Select(s => Spelt($"{local}@{domain}", s)).ToList();
                    MailAddress.Normal(spelt[0]).ShouldNotBeNull(spelt[0]);
                    MailAddress.Normal(spelt[0]).ShouldBe(MailAddress.Normal(spelt[1]), $"{spelt[0]} and {spelt[1]}");
                }
            );

    [Theory]
    [InlineData("ATTENDEE;CN=Ana;EMAIL=\"mailto:ana@iom.example\":mailto:ana@iom.example", "Ana", "ana@iom.example")]
    [InlineData("ATTENDEE;CN=Ana ^'Nina^' Example:mailto:ana@iom.example", "Ana \"Nina\" Example", "ana@iom.example")]
    [InlineData("ATTENDEE;CN=\"Example^nAna^^\":MAILTO:ANA@iom.example", "Example Ana^", "ana@iom.example")]
    [InlineData("ATTENDEE;CN=\"mailto:ana@iom.example\":mailto:ana@iom.example", null, "ana@iom.example")]
    [InlineData("ATTENDEE;CN=\"Example; Ana: x\";ROLE=CHAIR:ana@iom.example", "Example; Ana: x", "ana@iom.example")]
    public async Task An_attendee_has_a_name_and_an_address_however_written(string line, string? name, string address)
    {
        var attendee = (
            await ACalendar.Entry(ACalendar.Of($"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260201\n{line}"))
        ).Attendees.ShouldHaveSingleItem();
        (attendee.Name, attendee.Address).ShouldBe((name, address));
    }

    [Theory]
    [InlineData("ATTENDEE;CN=\"unclosed:mailto:ana@iom.example")]
    [InlineData("ATTENDEE:mailto:[")]
    [InlineData("ATTENDEE:http://[")]
    [InlineData("ATTENDEE;CN=A:B;ROLE=CHAIR:mailto:b8@iom.example")]
    [InlineData("ATTENDEE:mailto:ana@iom.example, mailto:eve@iom.example")]
    [InlineData("ATTENDEE;CUTYPE=ROOM:mailto:room@iom.example")]
    public async Task An_attendee_that_cannot_be_read_costs_the_attendee_alone_and_is_named(string line)
    {
        var entry = await ACalendar.Entry(
            ACalendar.Of($"UID:1\nSUMMARY:x\nDTSTART;VALUE=DATE:20260201\n{line}\nATTENDEE:mailto:ben@iom.example")
        );
        entry.Attendees.ShouldHaveSingleItem().Address.ShouldBe("ben@iom.example");
        entry.PassedOver.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("Bo@iom.example", "bo@iom.example")]
    [InlineData("bo@M\u00DCnchen.example", "bo@xn--mnchen-3ya.example", "bo@m\u00FCnchen.example")]
    [InlineData("bo@XN--mnchen-3ya.example", "bo@xn--mnchen-3ya.example", "bo@m\u00FCnchen.example")]
    [InlineData("mailto:Bo@iom.example", "bo@iom.example", "mailto:bo@iom.example")]
    [InlineData("Bo", "bo")]
    public void An_address_is_looked_for_in_each_form_that_it_was_ever_kept_in(string address, params string[] forms) =>
        MailAddress.Forms(address).ShouldBe(forms);

    private static string Spelt(string address, (bool Scheme, bool Capitals, bool Encoded, bool Decomposed, bool Brackets, bool Blanks) how)
    {
        var spelt = how.Decomposed
            ? address.Replace("\u00E9", "e\u0301", StringComparison.Ordinal).Replace("\u00FC", "u\u0308", StringComparison.Ordinal)
            : address;
        if (how.Capitals)
            spelt = spelt.ToUpperInvariant();
        if (how.Encoded)
            spelt = Uri.EscapeDataString(spelt);
        if (how.Scheme || how.Encoded)
            spelt = (how.Capitals ? "MAILTO:" : "mailto:") + spelt;
        if (how.Brackets)
            spelt = $"Somebody <{spelt}>";
        return how.Blanks ? $" {spelt}\u200b " : spelt;
    }
}
