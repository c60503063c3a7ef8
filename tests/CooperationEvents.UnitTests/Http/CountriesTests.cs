using CooperationEvents.Http;

namespace CooperationEvents.UnitTests.Http;

public sealed class CountriesTests
{
    [Theory]
    [InlineData("BE", "Belgium")]
    [InlineData("HM", "Heard Island and McDonald Islands")]
    [InlineData("UK", null)]
    [InlineData("EL", null)]
    [InlineData("XX", null)]
    [InlineData("EU", null)]
    [InlineData("SU", null)]
    [InlineData("be", null)]
    public void Only_assigned_codes_are_countries(string code, string? name) => Countries.NameOf(code).ShouldBe(name);

    [Fact]
    public void There_are_249_of_them() =>
        (from first in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" from second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" select $"{first}{second}")
            .Count(Countries.Has)
            .ShouldBe(249);

    [Fact]
    public void Who_writes_another_code_is_told_the_one_that_is_assigned() =>
        (Countries.Meant("UK"), Countries.Meant("EL"), Countries.Meant("ZZ")).ShouldBe(("GB", "GR", null));

    [Theory]
    [InlineData("BE")]
    [InlineData("QA")]
    [InlineData("UK")]
    [InlineData("xk")]
    public void Only_codes_that_the_standard_leaves_to_its_users_are_assigned_by_configuration(string code) =>
        CountryOptions
            .Faults(With(code, "Elsewhere"))
            .ShouldHaveSingleItem()
            .ShouldStartWith($"Countries:UserAssigned:{code} is no country of your own");

    [Fact]
    public void A_country_has_a_name()
    {
        CountryOptions
            .Faults(With("XK", " "))
            .ShouldBe(["Countries:UserAssigned:XK is empty; it must be the English name of the country."]);
        CountryOptions.Faults(With("XK", "Kosovo")).ShouldBeEmpty();
    }

    [Fact]
    public void A_code_that_the_configuration_assigns_is_a_country()
    {
        try
        {
            Countries.Assign(With("XK", "Kosovo"));
            (Countries.NameOf("XK"), Countries.Has("XA")).ShouldBe(("Kosovo", false));
        }
        finally
        {
            Countries.Assign(new CountryOptions());
        }
    }

    private static CountryOptions With(string code, string name) => new() { UserAssigned = { [code] = name } };
}
