using System.Diagnostics;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;

namespace CooperationEvents.Http;

/// <summary>Who calls and under what, as the headers of a request say it.</summary>
public static class CallerHeaders
{
    public const string Source = "Cooperation-Source";
    public const string OnBehalfOf = "Cooperation-On-Behalf-Of";
    public const string Correlation = "X-Correlation-Id";

    /// <summary>The most characters a source system's name may have; it stands in the metadata of every event.</summary>
    public const int LongestSource = 200;

    public const int LongestCorrelation = 128;

    public static readonly ProblemType SourceNotAllowed = new("source-not-allowed", 403, "The caller may not name this source");

    private const int LongestKey = 255;

    /// <summary>What the name of a source system must be, in words that follow its own.</summary>
    public static string SourceForm =>
        $"must be 1 to {LongestSource} printable ASCII characters, and no address: without @, percent-encoded or not, and without "
        + "mailto:. It is never erased, so it must name a system and nobody.";

    /// <summary>The caller, or what is wrong with what its headers say; whom it may name is asked too.</summary>
    public static async ValueTask<(Caller? Caller, Problem? Problem)> Read(HttpContext http)
    {
        var (caller, wrong) = Told(http);
        if (caller?.OnBehalfOf is { } named)
            wrong = await http.RequestServices.GetRequiredService<OnBehalfOf>().Refuse(http, named);
        return wrong is null ? (caller, null) : (null, wrong);
    }

    /// <summary>The same by the form of the headers alone. Whom a command may be on behalf of is asked where it is decided.</summary>
    public static (Caller? Caller, Problem? Problem) Told(HttpContext http)
    {
        var headers = http.Request.Headers;
        string? source = headers[Source];
        if (source is not null && !IsSource(source))
            return (null, RecordingProblems.InvalidHeader.Because($"{Source} {SourceForm}"));
        if (source is not null && RefuseSource(http, source) is { } refused)
            return (null, refused);
        string? correlation = headers[Correlation];
        if (correlation is not null && !IsCorrelation(correlation))
            return (
                null,
                RecordingProblems.InvalidHeader.Because(
                    $"{Correlation} must be an id: 1 to {LongestCorrelation} letters, digits and any of .-_:/+=, among them a digit. It is "
                        + $"never erased, so it must name nobody."
                )
            );
        var onBehalfOf = Uuid.Read(headers[OnBehalfOf]);
        if (onBehalfOf is null && headers.ContainsKey(OnBehalfOf))
            return (
                null,
                RecordingProblems.InvalidHeader.Because(
                    $"{OnBehalfOf} must be the UUID of a person or principal: it is never erased, so it must name nobody."
                )
            );
        return (
            new Caller(
                http.User.PrincipalId(),
                onBehalfOf,
                source ?? (http.User.Sources() is [var only] ? only : null),
                correlation ?? Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier
            ),
            null
        );
    }

    /// <summary>The <c>Idempotency-Key</c>; null where there is none.</summary>
    public static (string? Key, Problem? Problem) IdempotencyKey(HttpContext http)
    {
        string? key = http.Request.Headers[CommandEndpoint.IdempotencyHeader];
        return key is null || IsPlain(key, LongestKey)
            ? (key, null)
            : (
                null,
                RecordingProblems.InvalidHeader.Because(
                    $"{CommandEndpoint.IdempotencyHeader} must be 1 to {LongestKey} printable ASCII characters."
                )
            );
    }

    /// <summary>Whether it can be the name of a source system; an e-mail address is none, however it is written.</summary>
    public static bool IsSource(string text)
    {
        if (!IsPlain(text, LongestSource))
            return false;
        for (var written = ""; written != text; )
            (written, text) = (text, Uri.UnescapeDataString(text));
        return !text.Contains('@', StringComparison.Ordinal) && !text.TrimStart().StartsWith("mailto:", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Why the caller may not name this source; null where it may.</summary>
    public static Problem? RefuseSource(HttpContext http, string source)
    {
        var sources = http.User.Sources();
        return sources.Count == 0 || sources.Contains(source)
            ? null
            : SourceNotAllowed.Because(
                $"This key may name {string.Join(" or ", sources.Select(s => $"'{s}'"))} as the source, and no other."
            );
    }

    /// <summary>Whether it can be an id; a name, or several words, are none.</summary>
    private static bool IsCorrelation(string text) =>
        text.Length is >= 1 and <= LongestCorrelation
        && text.All(c => char.IsAsciiLetterOrDigit(c) || ".-_:/+=".Contains(c, StringComparison.Ordinal))
        && text.Any(char.IsAsciiDigit);

    private static bool IsPlain(string text, int most) => text.Length >= 1 && text.Length <= most && text.All(c => c is >= ' ' and <= '~');
}
