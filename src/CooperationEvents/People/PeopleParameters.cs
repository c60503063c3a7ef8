using CooperationEvents.Privacy;
using CooperationEvents.Reading;
using Microsoft.OpenApi;
using static CooperationEvents.Reading.ParameterSchemas;

namespace CooperationEvents.People;

/// <summary>The query parameters of this room.</summary>
internal static class PeopleParameters
{
    public static QueryParameter[] All { get; } =
    [
        new("name", "Words that all stand in the name, in any order, whatever their capitals and accents.", Text),
        new("email", "The e-mail address.", Text),
        new("identityDays", KeptFor("names and external references"), Days),
        new("contactDays", KeptFor("e-mail addresses"), Days),
        new("postDays", KeptFor("functions and grades"), Days),
        new("textsDays", KeptFor("free texts about a person"), Days),
    ];

    /// <summary>A number of days for which fields are kept.</summary>
    private static OpenApiSchema Days() => Number(1, RetentionOptions.MostDays);

    private static string KeptFor(string fields) =>
        $"As if {fields} were kept so many days after the last activity. Where one of these is given, they stand for all rules.";
}
