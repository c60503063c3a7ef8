using CooperationEvents.Hosting;
using CooperationEvents.Storage;
using Microsoft.Extensions.Configuration;

namespace CooperationEvents.UnitTests.Hosting;

public sealed class StartupTests
{
    [Fact]
    public void Development_too_takes_no_identity_token_of_the_pages_for_an_access_token()
    {
        var refused = Should.Throw<StartRefusedException>(() => Check(audience: "pages"));

        refused.Message.ShouldContain("Authentication:Audience is Authentication:ClientId");
        Should.NotThrow(() => Check(audience: "register"));
    }

    private static void Check(string audience)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Authentication:Issuer"] = "https://login.example.org/",
                    ["Authentication:Audience"] = audience,
                    ["Authentication:ClientId"] = "pages",
                    ["Authentication:ClientSecret"] = "secret",
                }
            )
            .Build();
        Startup.Check(settings, new ConfiguredOptions(settings), development: true, serves: true);
    }
}
