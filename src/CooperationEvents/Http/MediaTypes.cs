using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Http;

/// <summary>Metadata of an endpoint that says in which media types it answers.</summary>
public interface IServeMediaTypes
{
    /// <summary>None where the answer has no body.</summary>
    IReadOnlyList<string> Served => [MediaTypes.Json];
}

/// <summary>Content negotiation by <c>Accept</c> (RFC 9110).</summary>
public static class MediaTypes
{
    public const string Json = "application/json";
    public const string JsonSchema = "application/schema+json";
    public const string Page = "text/html";

    /// <summary>
    /// Refuses a request, before anything is done, where its <c>Accept</c> names none of the media types that the endpoint serves. An
    /// endpoint that serves no JSON, such as a calendar or a picture, has one form for its address, and <c>Accept</c> is not looked at.
    /// </summary>
    public static void UseAccept(this WebApplication app) =>
        app.Use(
            (http, next) =>
            {
                if (
                    !TakesAnything(http.Request)
                    && http.GetEndpoint()?.Metadata.GetMetadata<IServeMediaTypes>()?.Served is { } served
                    && served.Contains(Json)
                )
                    Preferred(http.Request, [.. served]);
                return next(http);
            }
        );

    /// <summary>
    /// Which of the offered types the caller likes best; the first one where it says nothing. Parameters of a range, such as a
    /// charset, make no other type of it.
    /// </summary>
    /// <exception cref="BadHttpRequestException">406: the caller takes none of them.</exception>
    public static string Preferred(HttpRequest request, params ReadOnlySpan<string> offered)
    {
        if (
            TakesAnything(request)
            || !MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.Select(v => v ?? "")], out var accepted)
            || accepted.Count == 0
        )
            return offered[0];
        var (best, liking) = ("", 0.0);
        foreach (var type in offered)
        {
            if (Liking(accepted, MediaTypeHeaderValue.Parse(type)) is var liked && liked > liking)
                (best, liking) = (type, liked);
        }

        return liking > 0
            ? best
            : throw new BadHttpRequestException(
                $"This is served as {string.Join(", ", offered.ToArray())}.",
                StatusCodes.Status406NotAcceptable
            );
    }

    private static bool TakesAnything(HttpRequest request) => request.Headers.Accept is [] or ["*/*"];

    /// <summary>Whether the caller asks for a page before anything else, as a browser does for what its user opens.</summary>
    public static bool IsPageWanted(HttpRequest request) =>
        request.GetTypedHeaders().Accept.FirstOrDefault() is { } first && first.MediaType.Equals(Page, StringComparison.OrdinalIgnoreCase);

    /// <summary>How much a type is liked: as the range says that fits it most closely.</summary>
    private static double Liking(IList<MediaTypeHeaderValue> accepted, MediaTypeHeaderValue type)
    {
        var fitting =
            from range in accepted
            where
                range.MatchesAllTypes || IsSame(range.Type, type.Type) && (range.MatchesAllSubTypes || IsSame(range.SubType, type.SubType))
            orderby range.MatchesAllTypes ? 2
            : range.MatchesAllSubTypes ? 1
            : 0
            select range.Quality ?? 1;
        return fitting.FirstOrDefault();

        static bool IsSame(StringSegment one, StringSegment other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
    }
}
