using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class LanguagesTests
{
    [Theory]
    [InlineData("en")]
    [InlineData("EN")]
    [InlineData("fr-BE")]
    [InlineData("iw")]
    [InlineData("zh-Hant-TW")]
    [InlineData("zh-cmn-Hans-CN")]
    [InlineData("es-419")]
    [InlineData("sl-rozaj-biske-1994")]
    [InlineData("de-CH-1901")]
    [InlineData("ar-u-nu-latn")]
    [InlineData("en-US-x-twain")]
    [InlineData("mul")]
    [InlineData("tlh")]
    public void A_tag_of_a_language_is_one(string tag) => Languages.Fault(tag).ShouldBeNull();

    [Theory]
    [InlineData("english")]
    [InlineData("engl")]
    [InlineData("e")]
    [InlineData("en-")]
    [InlineData("en_GB")]
    [InlineData("en-GB-GB")]
    [InlineData("en-u")]
    [InlineData("x-private")]
    [InlineData("en\n")]
    public void What_is_not_well_formed_is_none(string tag) => Languages.Fault(tag).ShouldNotBeNull().ShouldContain("BCP 47");

    [Theory]
    [InlineData("xx", "xx")]
    [InlineData("UK-GB", null)]
    [InlineData("eu", null)]
    [InlineData("be", null)]
    [InlineData("gb", "gb")]
    [InlineData("us-EN", "us")]
    public void A_code_of_two_letters_is_looked_up(string tag, string? unknown) =>
        Languages.Fault(tag).ShouldBe(unknown is null ? null : $"ISO 639-1 has no language {unknown}. Give its code, such as en.");
}
