using System.Net.Http.Headers;
using System.Text;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests.Ingestion;

/// <summary>Posts files of history and waits for what becomes of them.</summary>
internal static class Imports
{
    /// <summary>Posts a file as the body of the request.</summary>
    public static async Task<Answer> Post(RegisterHost host, byte[] file, string type, string query)
    {
        using var content = Content(file, type);
        return await host.Post($"/v1/imports?{query}", content);
    }

    /// <summary>Posts a file with its mapping, as a form.</summary>
    public static Task<Answer> Post(RegisterHost host, byte[] file, string type, string mapping, string query) =>
        Post(host, file, type, Encoding.UTF8.GetBytes(mapping), "application/json", query);

    /// <inheritdoc cref="Post(RegisterHost, byte[], string, string, string)"/>
    public static async Task<Answer> Post(RegisterHost host, byte[] file, string type, byte[] mapping, string mappingType, string query)
    {
        using var form = new MultipartFormDataContent
        {
            { Content(mapping, mappingType), "mapping" },
            { Content(file, type), "file", "file" },
        };
        return await host.Post($"/v1/imports?{query}", form);
    }

    /// <summary>The import as it is once it has ended.</summary>
    public static async Task<Answer> Ended(RegisterHost host, Answer posted, string role = "recorder")
    {
        posted.Status.ShouldBe(202, posted.ToString());
        var import = posted;
        await Wait.Until("the import's end", async () =>
            (import = await host.Get(posted.Header("Location")!, role)).Json["state"]!.GetValue<string>()
                is "completed"
                    or "refused"
                    or "cancelled"
                    or "failed"
        );
        return import;
    }

    /// <summary>Waits until there are no such rows: others may have some of their own as long as they go on.</summary>
    public static Task LeaveNone(RegisterHost host, string rows) =>
        Wait.Until($"no {rows} to be left", () => host.Database.Scalar<bool>($"select not exists (select from {rows})"));

    private static ByteArrayContent Content(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }
}
