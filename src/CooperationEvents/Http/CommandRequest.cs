using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Kernel;
using CooperationEvents.Recording;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Http;

/// <summary>What a request says of its command, read once from path, body and headers.</summary>
/// <param name="Command">The type of the command.</param>
/// <param name="Key">Its <c>Idempotency-Key</c>; null where it has none.</param>
/// <param name="Expected">The versions that If-Match allows; null where it is absent.</param>
public sealed record CommandRequest(Type Command, JsonElement Body, Caller Caller, string? Key, ExpectedVersion? Expected)
{
    private static readonly Dictionary<string, string> NoPath = [];

    /// <summary>What was read of a request.</summary>
    public static CommandRequest Of(HttpContext http) => http.Features.GetRequiredFeature<CommandRequest>();

    /// <summary>
    /// Reads the command of a request strictly, and keeps the rest for <see cref="Of"/>. What is wrong is told in this order: what cannot
    /// be read, the body, the headers; with an <c>Idempotency-Key</c> the headers go before the body.
    /// </summary>
    /// <returns>The command, or the answer that says why there is none.</returns>
    public static async Task<(T? Command, IResult? Refused)> Read<T>(HttpContext http)
        where T : class, ICommand
    {
        var path = PathOf(http.Request.RouteValues);
        if (path.FirstOrDefault(p => Uuid.Read(p.Value) is null) is { Key: not null } bad)
            return (null, ProblemResult.Of(KernelProblems.NotFound.Because($"'{bad.Value}' is no id; ids are UUIDs.")));
        var (body, unreadable) = await JsonBody.Read(http.Request, http.RequestAborted);
        if (unreadable is not null)
            return (null, ProblemResult.Of(unreadable));
        var (command, invalid) = BodyCheck.As<T>(body, path);
        if (invalid is null && NeedsBody(http) && !JsonBody.WasSent(http.Request))
            invalid = KernelProblems.Invalid.At("", "Nothing was sent. Send a JSON object as application/json, be it {}.");
        if (invalid is not null && !MayRepeat(http, body))
            return (null, ProblemResult.Of(invalid));
        var (caller, wrong) = CommandHeaders.CallerOf(http);
        var (key, unusable) = CommandHeaders.IdempotencyKeyOf(http);
        var (expected, unknown) = CommandHeaders.ExpectedVersionOf(http);
        if ((wrong ?? unusable ?? unknown) is { } problem)
            return (null, ProblemResult.Of(problem));
        http.Features.Set(new CommandRequest(typeof(T), body, caller!, key, expected));
        return (command, invalid is null ? null : new CommandRule(_ => Task.FromResult<StreamDecision>(invalid)));
    }

    private static Dictionary<string, string> PathOf(RouteValueDictionary values) =>
        values.Count == 0 ? NoPath : values.ToDictionary(v => v.Key, v => v.Value?.ToString() ?? "");

    private static bool NeedsBody(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<CommandAttribute>() is { NeedsBody: true };

    /// <summary>
    /// Whether the request may repeat one that was accepted under its key. What is wrong with its body is then told where commands are
    /// decided: a rule of form that came since refuses no repeat.
    /// </summary>
    private static bool MayRepeat(HttpContext http, JsonElement body) =>
        http.Request.Headers.ContainsKey(CommandHeaders.IdempotencyKey) && JsonBody.IsUnicode(body);
}

/// <summary>
/// What the headers of a request say of its command: who calls and under what, by which key it is told from others, which version it
/// expects.
/// </summary>
public static class CommandHeaders
{
    public const string Source = "Cooperation-Source";
    public const string OnBehalfOf = "Cooperation-On-Behalf-Of";
    public const string Correlation = "X-Correlation-Id";
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>The most characters a source system's name may have; it stands in the metadata of every event.</summary>
    public const int LongestSource = 200;

    public const int LongestCorrelation = 128;

    public static readonly ProblemType SourceNotAllowed = new("source-not-allowed", 403, "The caller may not name this source");

    public const int LongestKey = 255;

    /// <summary>What a correlation is written as.</summary>
    public const string CorrelationPattern = "^(?=.*[0-9])[A-Za-z0-9._:/+=-]+$";

    /// <summary>What the name of a source system must be, in words that follow its own.</summary>
    public static string SourceForm =>
        $"must be 1 to {LongestSource} printable ASCII characters, and no address: without @, percent-encoded or not, and without "
        + "mailto:. It is never erased, so it must name a system and nobody.";

    /// <summary>
    /// The caller, or what is wrong with the form of its headers. Whom it may name is asked where its command is decided
    /// (<see cref="Http.OnBehalfOf"/>).
    /// </summary>
    public static (Caller? Caller, Problem? Problem) CallerOf(HttpContext http)
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
        source ??= http.User.Sources() is [var only] ? only : null;
        if (source is not null && !IsSource(source))
            return (
                null,
                RecordingProblems.InvalidHeader.Because(
                    $"The only source of this key is none any more: a source {SourceForm} Have a key with another one made."
                )
            );
        return (
            new Caller(
                http.User.PrincipalId(),
                onBehalfOf,
                source,
                correlation ?? Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier
            ),
            null
        );
    }

    /// <summary>Null where there is none.</summary>
    public static (string? Key, Problem? Problem) IdempotencyKeyOf(HttpContext http)
    {
        string? key = http.Request.Headers[IdempotencyKey];
        return key is null || IsPlain(key, LongestKey)
            ? (key, null)
            : (null, RecordingProblems.InvalidHeader.Because($"{IdempotencyKey} must be 1 to {LongestKey} printable ASCII characters."));
    }

    /// <summary>The versions that If-Match allows; null where it is absent.</summary>
    public static (ExpectedVersion? Expected, Problem? Problem) ExpectedVersionOf(HttpContext http)
    {
        var ifMatch = http.Request.Headers.IfMatch;
        if (ifMatch.Count == 0)
            return (null, null);
        if (!EntityTagHeaderValue.TryParseStrictList([.. ifMatch.Select(v => v ?? "")], out var tags))
            return (
                null,
                RecordingProblems.InvalidHeader.Because(
                    "If-Match must be a version as ETag has it, in quotes, such as \"3\"; several apart by commas; or *."
                )
            );

        // A tag that is weak or no version of ours matches nothing.
        return (
            new ExpectedVersion(tags.Any(t => t.Tag == "*"), [.. tags.Where(t => !t.IsWeak).Select(t => VersionIn(t.Tag.ToString()))])
            {
                HasWeak = tags.Any(t => t.IsWeak),
            },
            null
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

    /// <summary>The version whose tag this is, character by character; -1 where it is none.</summary>
    private static long VersionIn(string tag) =>
        long.TryParse(tag.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && tag == $"\"{version}\""
            ? version
            : -1;

    private static bool IsPlain(string text, int most) => text.Length >= 1 && text.Length <= most && text.All(c => c is >= ' ' and <= '~');
}
