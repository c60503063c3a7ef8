using CooperationEvents.Kernel;

namespace CooperationEvents.Reading;

/// <summary>Pages in the order of a number, by cursor.</summary>
internal static class Paging
{
    public static (long After, int Limit, Problem? Fault) Read(HttpContext http)
    {
        var query = new QueryParameters(http.Request.Query);
        var limit = query.Number("limit", 1, Reader.LargestPage) ?? Reader.DefaultPageSize;
        var after = Cursor.ReadNumber(http, query) ?? 0;
        return (after, limit, query.Fault());
    }

    /// <inheritdoc cref="Of"/>
    public static IResult Answer<T, TAnswer>(
        HttpContext http,
        IReadOnlyList<T> found,
        int limit,
        Func<T, long> number,
        Func<T, TAnswer> answer
    ) => Results.Json(new Page<TAnswer>([.. Of(http, found, limit, number).Select(answer)]), Json.Options);

    /// <summary>The items of the page, and the link to the next one.</summary>
    /// <param name="found">One more than the page holds, where there are more.</param>
    public static IEnumerable<T> Of<T>(HttpContext http, IReadOnlyList<T> found, int limit, Func<T, long> number)
    {
        if (found.Count > limit)
            Cursor.Link(http, $"{number(found[limit - 1])}");
        return found.Take(limit);
    }
}
