using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CooperationEvents.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CooperationEvents.Hosting;

/// <summary>The OpenAPI document as it is served: made once, compressed once, and sent again only to who has another one.</summary>
public sealed class OpenApiDocumentEndpoint([FromKeyedServices(OpenApi.DocumentName)] IOpenApiDocumentProvider provider) : IDisposable
{
    private readonly SemaphoreSlim _making = new(1);
    private Made? _made;

    public async Task<IResult> Answer(HttpContext http)
    {
        var made = await Document(http.RequestAborted);
        var headers = http.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.Append("Vary", "Accept-Encoding");
        var isCompressed = Takes(http.Request, "gzip");
        if (EntityTags.IsKnown(http, EntityTags.Of(made.Digest, isCompressed ? "gzip" : "plain")))
            return Results.StatusCode(StatusCodes.Status304NotModified);
        if (!isCompressed)
            return Results.Bytes(made.Json, "application/json; charset=utf-8");
        headers.ContentEncoding = "gzip";
        return Results.Bytes(made.Compressed, "application/json; charset=utf-8");
    }

    /// <summary>The document in UTF-8, as it is served.</summary>
    public async Task<ReadOnlyMemory<byte>> Json(CancellationToken cancellation) => (await Document(cancellation)).Json;

    public void Dispose() => _making.Dispose();

    private async Task<Made> Document(CancellationToken cancellation)
    {
        if (_made is { } made)
            return made;
        await _making.WaitAsync(cancellation);
        try
        {
            return _made ??= await Make(cancellation);
        }
        finally
        {
            _making.Release();
        }
    }

    private async Task<Made> Make(CancellationToken cancellation)
    {
        var document = await provider.GetOpenApiDocumentAsync(cancellation);
        using var exported = new MemoryStream();
        await document.SerializeAsJsonAsync(exported, OpenApiSpecVersion.OpenApi3_1, cancellation);
        exported.Position = 0;
        var json = JsonNode.Parse(exported)!.AsObject();
        SharedSchemas.Gather(json);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(json, Kernel.Json.Options);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(bytes);
        return new Made(bytes, compressed.ToArray(), Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]);
    }

    private static bool Takes(HttpRequest request, string coding) =>
        request.GetTypedHeaders().AcceptEncoding.Any(e => e.Quality is not 0 && (e.Value == coding || e.Value == "*"));

    private sealed record Made(byte[] Json, byte[] Compressed, string Digest);
}
