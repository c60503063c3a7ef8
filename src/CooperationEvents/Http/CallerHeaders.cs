using System.Diagnostics;
using CooperationEvents.Access;
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

    private const int LongestKey = 255;

    public static (Caller? Caller, Problem? Problem) Read(HttpContext http)
    {
        var headers = http.Request.Headers;
        string? source = headers[Source];
        if (source is not null && !IsPlain(source, LongestSource))
            return (null, RecordingProblems.InvalidHeader.Because($"{Source} must be 1 to {LongestSource} printable ASCII characters."));
        string? correlation = headers[Correlation];
        if (correlation is not null && !IsPlain(correlation, LongestCorrelation))
            return (null, RecordingProblems.InvalidHeader.Because($"{Correlation} must be 1 to {LongestCorrelation} printable ASCII characters."));
        string? onBehalfOf = headers[OnBehalfOf];
        if (onBehalfOf is not null && !Guid.TryParse(onBehalfOf, out _))
            return (null, RecordingProblems.InvalidHeader.Because($"{OnBehalfOf} must be the UUID of a person or principal: it is never erased, so it must name nobody."));
        return (new Caller(
            http.User.PrincipalId(),
            onBehalfOf is null ? null : Guid.Parse(onBehalfOf),
            source,
            correlation ?? Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier), null);
    }

    /// <summary>The <c>Idempotency-Key</c>; null where there is none.</summary>
    public static (string? Key, Problem? Problem) IdempotencyKey(HttpContext http)
    {
        string? key = http.Request.Headers[CommandEndpoint.IdempotencyHeader];
        return key is null || IsPlain(key, LongestKey)
            ? (key, null)
            : (null, RecordingProblems.InvalidHeader.Because($"{CommandEndpoint.IdempotencyHeader} must be 1 to {LongestKey} printable ASCII characters."));
    }

    public static bool IsPlain(string text, int most) => text.Length >= 1 && text.Length <= most && text.All(c => c is >= ' ' and <= '~');
}
