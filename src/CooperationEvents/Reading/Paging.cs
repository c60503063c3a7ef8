using CooperationEvents.Http;
using CooperationEvents.Kernel;

namespace CooperationEvents.Reading;

/// <summary>Pages in the order of a number, by cursor.</summary>
internal static class Paging
{
    public static (long After, int Limit, Problem? Problem) Read(HttpContext http) => Read(http, new QueryParameters(http.Request.Query));

    private static (long After, int Limit, Problem? Problem) Read(HttpContext http, QueryParameters query)
    {
        var limit = query.Number("limit", 1, Reader.LargestPage) ?? Reader.DefaultPageSize;
        var after = Cursor.ReadNumber(http, query) ?? 0;
        return (after, limit, query.Fault());
    }

    /// <summary>A page of a list. As CSV it is the whole list, unless a page of it is asked for.</summary>
    /// <param name="read">Reads so many items after a number, in the order of their numbers.</param>
    public static async Task<IResult> List<T, TAnswer>(
        HttpContext http,
        Func<long, int, Task<IReadOnlyList<T>>> read,
        Func<T, long> number,
        Func<T, TAnswer> answer
    )
    {
        var asked = http.Request.Query;
        var query = new QueryParameters(asked);
        var format = ListTable.Wanted(http, query);
        var (after, limit, fault) = Read(http, query);
        if (fault is not null)
            return ProblemResult.Of(fault);
        if (format is not null && !asked.ContainsKey("limit") && !asked.ContainsKey("cursor"))
            return ListTable.Of(
                http,
                format,
                ListTable.Pages(0L, read, number).Select(some => (IReadOnlyList<TAnswer>)[.. some.Select(answer)]),
                isDescribed: false
            );
        var page = Of(http, await read(after, limit + 1), limit, number).Select(answer).ToList();
        return format is not null
            ? ListTable.Of(http, format, new IReadOnlyList<TAnswer>[] { page }.ToAsyncEnumerable(), isDescribed: false)
            : Results.Json(new Page<TAnswer>(page), Json.Options);
    }

    /// <summary>The items of the page, and the link to the next one.</summary>
    /// <param name="found">One more than the page holds, where there are more.</param>
    public static IEnumerable<T> Of<T>(HttpContext http, IReadOnlyList<T> found, int limit, Func<T, long> number)
    {
        if (found.Count > limit)
            Cursor.Link(http, $"{number(found[limit - 1])}");
        return found.Take(limit);
    }
}
