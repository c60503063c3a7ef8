using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using CooperationEvents.Kernel;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace CooperationEvents.Http;

/// <summary>Reads the bytes of a body as JSON, strictly, and says what is wrong with its form or its size.</summary>
public static class JsonBody
{
    /// <summary>The largest body taken, in bytes.</summary>
    public const int Limit = 1024 * 1024;

    /// <summary>
    /// How much of a body is received, in bytes. What is beyond <see cref="Limit"/> is let go: its sender reads why the body is
    /// refused, where an end of the connection in the middle of it would say nothing.
    /// </summary>
    public const int MostReceived = 16 * Limit;

    /// <summary>How long a body may take to arrive.</summary>
    public static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(30);

    private static readonly Problem TooLarge = KernelProblems.TooLarge.Because($"The body is larger than {Limit} bytes.");

    private static readonly HashSet<string> AlsoUtf8 = new(["utf-8", "utf8", "us-ascii", "ascii"], StringComparer.OrdinalIgnoreCase);

    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Whether a request that was read had a body; also an empty one, where a media type is declared.</summary>
    public static bool WasSent(HttpRequest request) => request.ContentType is not null || request.ContentLength > 0;

    /// <summary>The body as a JSON object; an empty body is an empty object.</summary>
    public static async Task<(JsonElement Body, Problem? Problem)> Read(HttpRequest request, CancellationToken cancellation)
    {
        var (bytes, slow) = await ReadBytes(request, cancellation);
        if (slow is not null)
            return (default, slow);
        if (bytes!.Length == 0)
            bytes = "{}"u8.ToArray();
        else if (request.ContentType != MediaTypes.Json && Misdeclared(request) is { } misdeclared)
            return (default, misdeclared);
        var (body, unreadable) = Parse(bytes);
        return unreadable is null && body.ValueKind != JsonValueKind.Object
            ? (default, KernelProblems.Unreadable.Because("The body must be a JSON object."))
            : (body, unreadable);
    }

    private static Problem? Misdeclared(HttpRequest request) =>
        !request.HasJsonContentType() ? KernelProblems.UnsupportedMediaType.Because("Send the body with Content-Type: application/json.")
        : OtherCharset(request.ContentType) is { } charset ? NotInUtf8(charset)
        : null;

    /// <summary>
    /// The charset that a media type declares where it is another than UTF-8, which JSON is exchanged in (RFC 8259, 8.1); null where it
    /// declares none. ASCII is UTF-8 too.
    /// </summary>
    public static string? OtherCharset(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && HeaderUtilities.RemoveQuotes(type.Charset).Value is { Length: > 0 } charset
        && !AlsoUtf8.Contains(charset)
            ? charset
            : null;

    /// <summary>Why a body that is declared in another charset is refused, and what to send.</summary>
    public static Problem NotInUtf8(string charset) =>
        KernelProblems.UnsupportedMediaType.Because(
            $"The body is declared as {charset}. Send it in UTF-8, and with no other charset in its Content-Type."
        );

    /// <summary>Why the body of a request that takes none cannot be: it has a member, or is no JSON object.</summary>
    public static async Task<Problem?> ReadNone(HttpRequest request, CancellationToken cancellation)
    {
        var (body, unreadable) = await Read(request, cancellation);
        if (unreadable is not null)
            return unreadable;
        return body.EnumerateObject().FirstOrDefault() is { Value.ValueKind: not JsonValueKind.Undefined } member
            ? KernelProblems.Invalid.At("/" + member.Name, "This request has no body.")
            : null;
    }

    /// <summary>
    /// JSON in UTF-8, of limited depth and without a member twice. A byte-order mark before it is passed over (RFC 8259, 8.1).
    /// </summary>
    public static (JsonElement Json, Problem? Problem) Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.StartsWith(Utf8Mark))
            bytes = bytes[Utf8Mark.Length..];
        if (!Utf8.IsValid(bytes.Span))
            return (default, KernelProblems.Unreadable.Because("The body is not UTF-8."));
        try
        {
            return (InDigits(JsonElement.Parse(bytes.Span, Strict)), null);
        }
        catch (JsonException e)
        {
            return (default, Repeated(bytes) ?? KernelProblems.Unreadable.Because(Words(e)));
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json's way to say that the escaped name of a member is no valid UTF-16.
            return (
                default,
                KernelProblems.Unreadable.Because("The body is not JSON: the name of a member holds half of a surrogate pair.")
            );
        }
    }

    /// <summary>The same with each whole number in digits: 5.0 and 5e0 are 5, as JSON Schema has it.</summary>
    private static JsonElement InDigits(JsonElement json) => HasOtherWhole(json) ? JsonElement.Parse(Canonical(json), Strict) : json;

    private static bool HasOtherWhole(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    if (HasOtherWhole(member.Value))
                        return true;
                }

                return false;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    if (HasOtherWhole(item))
                        return true;
                }

                return false;
            default:
                return OtherWhole(json) is not null;
        }
    }

    /// <summary>A whole number that is not written in digits alone; null where it is, or is none.</summary>
    private static long? OtherWhole(JsonElement json) =>
        json.ValueKind == JsonValueKind.Number
        && json.GetRawText().AsSpan().ContainsAny('.', 'e', 'E')
        && json.TryGetDecimal(out var number)
        && number == decimal.Truncate(number)
        && number is >= long.MinValue and <= long.MaxValue
            ? (long)number
            : null;

    /// <summary>Names the first member that stands twice in one object; null where that is not what is wrong.</summary>
    private static Problem? Repeated(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict with { AllowDuplicateProperties = true });
            return Repeated(document.RootElement, "") is { } place
                ? KernelProblems.Unreadable.At(place, $"The body has the member {place} twice.")
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Repeated(JsonElement json, string pointer)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Array:
                return json.EnumerateArray()
                    .Select((item, i) => Repeated(item, $"{pointer}/{i}"))
                    .FirstOrDefault(place => place is not null);
            case JsonValueKind.Object:
                var names = new HashSet<string>();
                return json.EnumerateObject().Select(m => OfMember(m, names)).FirstOrDefault(place => place is not null);
            default:
                return null;
        }

        string? OfMember(JsonProperty member, HashSet<string> before)
        {
            var place = $"{pointer}/{BodyCheck.Escape(member.Name)}";
            return before.Add(member.Name) ? Repeated(member.Value, place) : place;
        }
    }

    /// <summary>What is wrong, and where, without the reader's advice to whoever would programme it.</summary>
    private static string Words(JsonException e)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
        return e.Message switch
        {
            var m when m.Contains("configured depth", StringComparison.Ordinal) =>
                $"The body is nested more than {Strict.MaxDepth} levels deep, at {place}.",
            var m when m.Contains("trailing comma", StringComparison.OrdinalIgnoreCase) =>
                $"The body is not JSON: a comma before the end of an object or list, at {place}.",
            var m when m.Contains("comment", StringComparison.OrdinalIgnoreCase) =>
                $"The body is not JSON: JSON has no comments; there is one at {place}.",
            var m when m.Contains("after a single JSON value", StringComparison.Ordinal) =>
                $"The body is not JSON: it goes on after its end, at {place}.",
            var m
                when m.Contains("depth to be zero", StringComparison.Ordinal)
                    || m.Contains("reached end of data", StringComparison.Ordinal)
                    || m.Contains("any JSON tokens", StringComparison.Ordinal)
                    || m.Contains("incomplete", StringComparison.OrdinalIgnoreCase) =>
                $"The body is not JSON: it ends too early, at {place}.",
            _ => $"The body is not JSON: look at {place}.",
        };
    }

    /// <summary>Whether all texts in it can be read: one whose escapes make no valid UTF-16 cannot.</summary>
    public static bool IsUnicode(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.String => json.GetString() is not null,
                JsonValueKind.Array => json.EnumerateArray().All(IsUnicode),
                JsonValueKind.Object => json.EnumerateObject().All(m => IsUnicode(m.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Takes the whole body in, so that nothing that follows waits for its sender; the problem says why it cannot be.</summary>
    public static async Task<Problem?> TakeIn(HttpContext http)
    {
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return null;
        var (bytes, unreadable) = await ReadBytes(http.Request, http.RequestAborted);
        if (unreadable is null)
            http.Request.Body = new TakenIn(bytes!);
        return unreadable;
    }

    /// <summary>The bytes of a body, which must be within <see cref="Limit"/> and all there within <see cref="BodyTimeout"/>.</summary>
    public static async Task<(byte[]? Bytes, Problem? Problem)> ReadBytes(HttpRequest request, CancellationToken cancellation)
    {
        if (request.Body is TakenIn { Position: 0 } here)
            return (here.Bytes, null);
        if (request.ContentLength > Limit)
            return (null, TooLarge);
        if (ReadAtOnce(request) is { } there)
            return (there, null);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(BodyTimeout);
        using var body = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer, late.Token)) > 0)
            {
                if (body.Length + read > Limit)
                    return (null, TooLarge);
                body.Write(buffer, 0, read);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (
                null,
                KernelProblems.TooSlow.Because(
                    $"The body was not all there after {BodyTimeout.TotalSeconds} s. Nothing was recorded; send it again."
                )
            );
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return (body.ToArray(), null);
    }

    /// <summary>The bytes of a body that came with its headers; null where some are still to come, or nobody knows how many.</summary>
    private static byte[]? ReadAtOnce(HttpRequest request)
    {
        if (request.ContentLength is not { } length || !request.BodyReader.TryRead(out var read))
            return null;
        var isWhole = read.Buffer.Length == length;
        var bytes = isWhole ? read.Buffer.ToArray() : null;
        request.BodyReader.AdvanceTo(isWhole ? read.Buffer.End : read.Buffer.Start);
        return bytes;
    }

    /// <summary>The bytes two bodies share when they hold the same members with the same values, in whatever order and spacing.</summary>
    public static byte[] Canonical(JsonElement body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, body);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number when OtherWhole(element) is { } whole:
                writer.WriteNumberValue(whole);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    /// <summary>A body that is there as a whole.</summary>
    private sealed class TakenIn(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public byte[] Bytes { get; } = bytes;
    }
}
