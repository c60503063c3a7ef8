using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CooperationEvents.AuditLog;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.OpenApi;

namespace CooperationEvents.Audit.Journal;

/// <summary>
/// What the access journal keeps of a request: its path and query, without what a caller may have written of a person there. No erasure
/// reaches the journal. So a value stays only where it is what its parameter is for, and the name of a parameter only where there is one.
/// </summary>
internal sealed partial class JournalledRequest(IEnumerable<QueryParameter> parameters)
{
    private const string Withheld = "(withheld)";

    /// <summary>Parameters that hold the name of a source or a code, which this service does not list.</summary>
    private static readonly string[] Codes = ["source", "level", "topic"];

    /// <summary>Parameters of text that may be a position in the history, or a version.</summary>
    private static readonly string[] Points = ["at", "knownAt", "moment:from", "moment:to"];

    private readonly Dictionary<string, QueryParameter> _parameters = parameters.ToDictionary(p => p.Name);

    /// <summary>The method, the path and the query as they are kept.</summary>
    public string Of(HttpContext http) => $"{http.Request.Method} {Path(http)}{Query(http)}";

    private static string Path(HttpContext http) =>
        http.GetEndpoint() is not RouteEndpoint { RoutePattern: var pattern }
            ? $"/{Withheld}"
            : string.Concat(pattern.PathSegments.Select(segment => $"/{string.Concat(segment.Parts.Select(part => Part(http, part)))}"));

    private static string Part(HttpContext http, RoutePatternPart part) =>
        part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter when http.Request.RouteValues.TryGetValue(parameter.Name, out var given) => $"{given}"
                is var value
            && (IsIdOrTime(value) || Level().IsMatch(value) || (parameter.IsCatchAll && Tile().IsMatch(value)))
                ? value
                : Withheld,
            _ => "",
        };

    private string Query(HttpContext http)
    {
        var known = Known(http).ToDictionary(name => name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        var kept = http.Request.Query.Select(given =>
            !known.TryGetValue(given.Key, out var name) || !_parameters.TryGetValue(name, out var parameter) ? Withheld
            : given.Value is [{ Length: > 0 } value] && IsKept(http, parameter, value) ? $"{given.Key}={Escaped(value)}"
            : $"{given.Key}={Withheld}"
        );
        return http.Request.Query.Count == 0 ? "" : $"?{string.Join('&', kept)}";
    }

    /// <summary>The names of the parameters that there are at what is asked for, as it describes itself.</summary>
    private static IEnumerable<string> Known(HttpContext http)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        return (metadata?.GetMetadata<QueryAttribute>()?.Parameters ?? [])
            .Concat(metadata?.GetMetadata<AnswersAttribute>()?.Parameters ?? [])
            .Concat(metadata?.GetMetadata<OperationAttribute>()?.Parameters ?? [])
            .Concat(CsvFormat.Parameters)
            .Append("minPosition")
            .Distinct();
    }

    private static bool IsKept(HttpContext http, QueryParameter parameter, string value) =>
        parameter.Name switch
        {
            "name" or "email" or "id" => false,
            "cursor" => Cursor.IsOf(http, value),
            "history:type" => StreamTypes.All.ContainsKey(value),
            _ when parameter.Schema().Enum is { Count: > 0 } words => words.OfType<JsonValue>().Any(word => $"{word}" == value),
            _ when IsNumber(parameter) && Number().IsMatch(value) => true,
            _ => IsIdOrTime(value) || (Codes.Contains(parameter.Name) && Code().IsMatch(value)),
        };

    /// <summary>Elsewhere a number may be that of somebody's telephone.</summary>
    private static bool IsNumber(QueryParameter parameter) =>
        parameter.Schema().Type?.HasFlag(JsonSchemaType.Integer) == true || Points.Contains(parameter.Name);

    private static bool IsIdOrTime(string value) => Uuid.Read(value) is not null || Time().IsMatch(value);

    private static string Escaped(string value) => Uri.EscapeDataString(value).Replace("%3A", ":", StringComparison.Ordinal);

    [GeneratedRegex(@"^(position:)?[0-9]{1,19}\z")]
    private static partial Regex Number();

    /// <summary>Of tiles.</summary>
    [GeneratedRegex(@"^[0-9]{1,2}\z")]
    private static partial Regex Level();

    [GeneratedRegex(@"^[0-9]{4}(-[0-9]{2}){0,2}(T[0-9:.]{1,20}(Z|[+-][0-9:]{2,5})?)?\z")]
    private static partial Regex Time();

    [GeneratedRegex(@"^([0-9x]{3,4}/)*[0-9x]{3,4}(\.p/[0-9]{1,3})?\z")]
    private static partial Regex Tile();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}\z")]
    private static partial Regex Code();
}
