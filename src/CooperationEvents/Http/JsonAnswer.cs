using System.Buffers;
using System.Text.Json;
using CooperationEvents.Kernel;

namespace CooperationEvents.Http;

/// <summary>A JSON object whose members are written one by one. It is sent as one piece, with its length.</summary>
public sealed class JsonAnswer(Action<Utf8JsonWriter> members) : IResult
{
    private const string MediaType = MediaTypes.Json + "; charset=utf-8";

    /// <summary>In bytes: what most answers fit in.</summary>
    private const int UsualLength = 256;

    private static readonly JsonWriterOptions Written = new() { Encoder = Json.Options.Encoder };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = new ArrayBufferWriter<byte>(UsualLength);
        using (var json = new Utf8JsonWriter(body, Written))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return SendBytes(httpContext, body.WrittenMemory, MediaType);
    }

    /// <summary>Sends a value as one piece of JSON.</summary>
    public static Task Send<T>(HttpContext http, T value, string mediaType) =>
        SendBytes(http, JsonSerializer.SerializeToUtf8Bytes(value, Json.Options), mediaType);

    private static async Task SendBytes(HttpContext http, ReadOnlyMemory<byte> json, string mediaType)
    {
        http.Response.ContentType = mediaType;
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json, http.RequestAborted);
    }
}
