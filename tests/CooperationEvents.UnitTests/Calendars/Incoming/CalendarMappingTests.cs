using CooperationEvents.Calendars.Incoming;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Calendars.Incoming;

public sealed class CalendarMappingTests
{
    [Fact]
    public void The_example_of_the_documentation_is_a_mapping()
    {
        var file = Path.Combine(Repository.Root, "docs", "examples", "calendar-mapping.json");

        var (mapping, problem) = CalendarMapping.Read(ACalendar.Json(File.ReadAllText(file)));

        problem.ShouldBeNull();
        mapping.ShouldNotBeNull().Frameworks.ShouldHaveSingleItem().FrameworkId.External.ShouldNotBeNull();
        mapping.OrganisationOf("ada@delta.iwa.example").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}", "/system", "/frameworks")]
    [InlineData("""{"system":"outlook","frameworks":[]}""", "/frameworks")]
    [InlineData("""{"system":"outlook","frameworks":[{"frameworkId":"eu-iom","level":"experts"}]}""", "/frameworks/0/frameworkId")]
    [InlineData(
        """{"system":"o","frameworks":[{"frameworkId":{"system":"crm","id":"1"},"level":"x"}],"defaultTimeZone":"Brussels"}""",
        "/defaultTimeZone"
    )]
    [InlineData(
        """{"system":"o","frameworks":[{"frameworkId":{"system":"crm","id":"1"},"level":"x"}],"window":{"from":"2027","to":"2026"}}""",
        "/window/to"
    )]
    [InlineData("""{"system":"o","frameworks":[{"frameworkId":{"system":"crm","id":"1"},"level":"x"}],"windows":{}}""", "/windows")]
    [InlineData(
        """{"system":"o","frameworks":[{"frameworkId":{"system":"crm","id":"1"},"level":"x"}],"attendees":{"system":"mail","organisations":[{"domain":"@iom.int","organisationId":{"system":"crm","id":"1"}}]}}""",
        "/attendees/organisations/0/domain"
    )]
    public void What_is_wrong_with_a_mapping_is_named_by_its_place(string json, params string[] pointers)
    {
        var (mapping, problem) = CalendarMapping.Read(ACalendar.Json(json));

        mapping.ShouldBeNull();
        problem.ShouldNotBeNull().Type.ShouldBe(KernelProblems.Invalid);
        problem.Errors.Select(e => e.Pointer).ShouldBe(pointers);
    }

    /// <summary>As it is the address of one person however its domain is written.</summary>
    [Theory]
    [InlineData("b\u00FCro.example")]
    [InlineData("BU\u0308RO.example")]
    [InlineData("xn--bro-hoa.example")]
    [InlineData("XN--bro-HOA.example.")]
    public void A_domain_goes_by_any_of_its_spellings(string domain)
    {
        var (mapping, problem) = CalendarMapping.Read(ACalendar.Json(Of(domain)));

        problem.ShouldBeNull();
        mapping.ShouldNotBeNull().Attendees!.Organisations.Single().Domain.ShouldBe("xn--bro-hoa.example");
        foreach (var address in new[] { "ada@b\u00FCro.example", "mailto:ada@xn--bro-hoa.example", "Ada <ada@post.B\u00DCRO.example>" })
            mapping.OrganisationOf(MailAddress.Normal(address)!).ShouldNotBeNull(address);
    }

    [Theory]
    [InlineData("iom int")]
    [InlineData("<iom.int>")]
    [InlineData("ada@iom.int")]
    [InlineData("iom..int")]
    [InlineData("https://iom.int")]
    [InlineData(".")]
    public void What_is_no_domain_is_refused(string domain)
    {
        var (_, problem) = CalendarMapping.Read(ACalendar.Json(Of(domain)));

        problem.ShouldNotBeNull().Errors.Single().Pointer.ShouldBe("/attendees/organisations/0/domain");
        problem.Detail.ShouldContain("a mail domain, such as iom.int");
    }

    [Theory]
    [InlineData("ada@iom.int", true)]
    [InlineData("ada@rro.IOM.int", true)]
    [InlineData("ada@notiom.int", false)]
    [InlineData("ada@int", false)]
    public void An_address_belongs_to_the_organisation_of_its_domain_or_of_one_above(string address, bool known) =>
        (ACalendar.Mapping.OrganisationOf(address) is not null).ShouldBe(known);

    [Theory]
    [InlineData("\u0394\u03B9\u03AC\u03BB\u03BF\u03B3\u03BF\u03C2", "\u0394\u0399\u0391\u039B\u039F\u0393\u039F\u03A3", true)]
    [InlineData("Stra\u00DFen", "STRASSEN", true)]
    [InlineData("iklim", "\u0130KL\u0130M", true)]
    [InlineData("K\u0131y\u0131lar", "KIYILAR", true)]
    [InlineData("M\u00FCll", "MU\u0308LL", true)]
    [InlineData("C#", "c#", true)]
    [InlineData("C#", "C", false)]
    [InlineData("\u0E1B\u0E34", "\u0E1B\u0E35", false)]
    [InlineData("Visas", "Visa", false)]
    public async Task A_category_is_known_whatever_the_capitals_of_its_script(string mapped, string stated, bool isKnown)
    {
        var register = new ARegister();
        var mapping = ACalendar.Mapping with { Categories = [new CategoryTopic(mapped, "visa")] };

        await register.Import(ACalendar.Of($"UID:a\nSUMMARY:x\nCATEGORIES:{stated}\nDTSTART:20260204T080000Z"), mapping);

        register.Meeting("a").Details.Topics.ShouldBe(isKnown ? ["visa"] : []);
    }

    [Theory]
    [InlineData("iom.example", true)]
    [InlineData("IOM.example", true)]
    [InlineData("iom.example.", true)]
    [InlineData("hq.iom.example", false)]
    public void A_domain_of_two_organisations_is_refused(string domain, bool isOne)
    {
        foreach (var other in new[] { "1", "2" })
        {
            var organisations =
                $$$"""[{"domain":"iom.example","organisationId":{"system":"c","id":"1"}},{"domain":"{{{domain}}}","organisationId":{"system":"c","id":"{{{other}}}"}}]""";
            var (_, problem) = CalendarMapping.Read(
                ACalendar.Json(With($$$""","attendees":{"system":"mail","organisations":{{{organisations}}}}"""))
            );

            problem?.Errors.Select(e => e.Pointer).ShouldBe(["/attendees/organisations/1/domain"]);
            (problem is null).ShouldBe(!isOne || other == "1");
        }
    }

    [Theory]
    [InlineData("My Zone", "Asia/Tokyo", true)]
    [InlineData("My Zone ", "Asia/Tokyo", true)]
    [InlineData("My Zone", "Europe/Kyiv", false)]
    [InlineData("my zone", "Asia/Tokyo", false)]
    public void A_name_of_two_time_zones_is_refused(string name, string zone, bool isRefused)
    {
        var zones = $$"""[{"name":"My Zone","timeZone":"Europe/Kiev"},{"name":"{{name}}","timeZone":"{{zone}}"}]""";
        var (_, problem) = CalendarMapping.Read(ACalendar.Json(With($$""","timeZones":{{zones}}""")));

        (problem?.Errors.Single().Pointer).ShouldBe(isRefused ? "/timeZones/1/name" : null);
    }

    [Fact]
    public void A_framework_that_is_given_twice_is_refused()
    {
        var json = With("")
            .Replace(
                "\"level\":\"x\"}",
                "\"level\":\"x\"},{\"frameworkId\":{\"system\":\"crm\",\"id\":\"1\"},\"level\":\"y\"}",
                StringComparison.Ordinal
            );

        CalendarMapping.Read(ACalendar.Json(json)).Problem.ShouldNotBeNull().Errors.Single().Pointer.ShouldBe("/frameworks/1/frameworkId");
    }

    private static string With(string members) =>
        $$"""{"system":"o","frameworks":[{"frameworkId":{"system":"crm","id":"1"},"level":"x"}]{{members}}}""";

    private static string Of(string domain) =>
        """{"system":"o","frameworks":[{"frameworkId":{"system":"crm","id":"1"},"level":"x"}],"attendees":{"system":"mail","organisations":[{"domain":"""
        + System.Text.Json.JsonSerializer.Serialize(domain)
        + ""","organisationId":{"system":"crm","id":"1"}}]}}""";
}
