using System.Text;
using System.Text.Json;
using CooperationEvents.Frameworks;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;

namespace CooperationEvents.UnitTests.Http;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("{", "it ends too early, at line 1, byte 2.")]
    [InlineData("[", "it ends too early")]
    [InlineData("{\"name\":", "it ends too early")]
    [InlineData("{\"name\"", "it ends too early")]
    [InlineData("{\"name\": \"Ana", "it ends too early")]
    [InlineData("{\"name\": tru", "look at line 1")]
    [InlineData("   ", "it ends too early")]
    [InlineData("{} {}", "it goes on after its end, at line 1, byte 4.")]
    [InlineData("{,}", "look at line 1, byte 2.")]
    [InlineData("{\"name\": 1,}", "a comma before the end")]
    public void What_is_no_json_is_told_by_what_is_wrong_with_it(string body, string words)
    {
        var problem = Parsed(body);

        problem.Type.ShouldBe(KernelProblems.Unreadable);
        problem.Detail.ShouldStartWith("The body is not JSON: ");
        problem.Detail.ShouldContain(words);
    }

    [Fact]
    public void Only_what_is_nested_too_deep_is_said_to_be() =>
        Parsed(new string('[', 33) + new string(']', 33)).Detail.ShouldStartWith("The body is nested more than 32 levels deep");

    [Theory]
    [InlineData("""{"name": 1, "name": 1}""", "/name")]
    [InlineData("""{"name": 1, "data": [0, {"a/b": 1, "a\u002fb": 2}]}""", "/data/1/a~1b")]
    [InlineData("""[{"x": {"y": 1, "z": 2, "y": 3}}]""", "/0/x/y")]
    public void A_member_that_is_there_twice_is_named(string body, string pointer)
    {
        var problem = Parsed(body);

        problem.Type.ShouldBe(KernelProblems.Unreadable);
        problem.Errors.Select(e => e.Pointer).ShouldBe([pointer]);
        problem.Detail.ShouldContain(pointer);
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("JavaScript:alert(1)")]
    [InlineData(" javascript:alert(1)")]
    [InlineData("vbscript:x")]
    [InlineData("data:text/html,x")]
    [InlineData("file:///etc/passwd")]
    public void A_link_that_would_run_or_show_its_own_text_is_refused(string link)
    {
        var document = BodyCheck.As<LinkDocument>(
            Sent(
                new
                {
                    meetingId = Some.Meeting,
                    title = "Minutes",
                    url = link,
                    status = "adopted",
                }
            )
        );
        document.Problem!.Errors.ShouldHaveSingleItem().ShouldBe(new FieldError("/url", "Must be an absolute http or https URL."));
        var outcome = BodyCheck.As<RecordOutcome>(
            Sent(
                new
                {
                    meetingId = Some.Meeting,
                    kind = "decision",
                    text = new { en = "Agreed" },
                    documentUrl = link,
                }
            )
        );
        outcome.Problem!.Errors.ShouldHaveSingleItem().Pointer.ShouldBe("/documentUrl");
        if (!link.StartsWith("file", StringComparison.Ordinal))
        {
            var organisation = BodyCheck.As<RegisterOrganisation>(
                Sent(
                    new
                    {
                        name = "A",
                        shortName = "A",
                        identifiers = new[] { link },
                    }
                )
            );
            organisation.Problem!.Errors.ShouldHaveSingleItem().Detail.ShouldContain("and not javascript:");
        }

        static JsonElement Sent(object body) => JsonSerializer.SerializeToElement(body);
    }

    [Theory]
    [InlineData("https://anna:secret@example.org/minutes")]
    [InlineData("HTTPS://token@example.org")]
    [InlineData("https://:secret@example.org")]
    [InlineData("https:\\\\anna:secret@example.org")]
    [InlineData("https:anna:secret@example.org")]
    public void A_link_with_a_user_is_refused(string link)
    {
        var problems = new[]
        {
            BodyCheck
                .As<LinkDocument>(
                    JsonSerializer.SerializeToElement(
                        new
                        {
                            meetingId = Some.Meeting,
                            title = "Minutes",
                            url = link,
                            status = "adopted",
                        }
                    )
                )
                .Problem,
            BodyCheck
                .As<RegisterOrganisation>(
                    JsonSerializer.SerializeToElement(
                        new
                        {
                            name = "A",
                            shortName = "A",
                            identifiers = new[] { link },
                        }
                    )
                )
                .Problem,
        };

        foreach (var problem in problems)
            problem!.Errors.ShouldHaveSingleItem().Detail.ShouldContain("Take out what stands before the @.");
    }

    [Theory]
    [InlineData("https://example.org/@anna")]
    [InlineData("https://example.org?mail=anna@example.org")]
    [InlineData("https://example.org#@")]
    public void An_at_sign_behind_the_host_is_no_user(string link) =>
        BodyCheck
            .As<RegisterOrganisation>(
                JsonSerializer.SerializeToElement(
                    new
                    {
                        name = "A",
                        shortName = "A",
                        identifiers = new[] { link, "mailto:anna@example.org", "urn:x:@" },
                    }
                )
            )
            .Problem.ShouldBeNull();

    [Theory]
    [InlineData("5.0")]
    [InlineData("5e0")]
    [InlineData("0.5E1")]
    public void A_whole_number_is_one_however_it_is_written(string edition)
    {
        var sent = $$"""{"level": "experts", "frameworkId": "{{Some.Framework}}", "edition": {{edition}}}""";
        var (body, _) = JsonBody.Parse(Encoding.UTF8.GetBytes(sent));

        var (placement, problem) = BodyCheck.As<PlacementFields>(body);

        problem.ShouldBeNull();
        placement!.Edition.ShouldBe(5);
        JsonBody.Canonical(body).ShouldBe(JsonBody.Canonical(JsonBody.Parse(Encoding.UTF8.GetBytes(sent.Replace(edition, "5"))).Json));
    }

    [Theory]
    [InlineData("99999999999", "Must be 1 to 10000.")]
    [InlineData("-99999999999", "Must be 1 to 10000.")]
    [InlineData("0", "Must be 1 to 10000.")]
    [InlineData("1.5", "Must be a whole number.")]
    [InlineData("15e-1", "Must be a whole number.")]
    [InlineData("1e5", "Must be 1 to 10000.")]
    [InlineData("1e99", "Must be a whole number.")]
    [InlineData("\"1\"", "Must be a whole number.")]
    public void A_number_out_of_its_range_is_told_the_range(string edition, string words)
    {
        var body = JsonBody.Parse(
            Encoding.UTF8.GetBytes($$"""{"frameworkId": "{{Some.Framework}}", "level": "experts", "edition": {{edition}}}""")
        );

        var (_, problem) = BodyCheck.As<PlacementFields>(body.Json);

        problem!.Errors.ShouldBe([new FieldError("/edition", words)]);
    }

    [Theory]
    [InlineData("\U0001F30A", 200, null)]
    [InlineData("\U0001F30A", 201, "Must be at most 200 characters; it is 201.")]
    [InlineData("x", 201, "Must be at most 200 characters; it is 201.")]
    public void Characters_of_a_text_are_counted_whatever_they_take(string character, int count, string? words)
    {
        var name = string.Concat(Enumerable.Repeat(character, count));

        var (_, problem) = BodyCheck.As<RegisterOrganisation>(JsonSerializer.SerializeToElement(new { name, shortName = "A" }));

        (problem?.Errors.Single()).ShouldBe(words is null ? null : new FieldError("/name", words));
    }

    [Theory]
    [InlineData("ΕΕ")]
    [InlineData("ع")]
    [InlineData("é")]
    public void A_code_in_other_letters_is_told_which_it_may_have(string code)
    {
        var (_, problem) = BodyCheck.As<Area>(JsonSerializer.SerializeToElement(new { code, name = "Migration" }));

        problem!.Errors.Single().Detail.ShouldStartWith("Must be 1 to 40 Latin letters without accents");
    }

    private static Problem Parsed(string body) => JsonBody.Parse(Encoding.UTF8.GetBytes(body)).Problem!;
}
