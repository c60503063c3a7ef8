using System.Buffers;
using System.Globalization;
using System.Net.Mime;
using System.Text.Json;
using System.Text.RegularExpressions;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Http;
using CloudNative.CloudEvents.SystemTextJson;
using CooperationEvents.Http;
using CooperationEvents.Kernel;

namespace CooperationEvents.Ingestion;

/// <summary>What a request to <c>/v1/events</c> holds: one event, or a batch of them in their order.</summary>
/// <param name="DataAt">Where in the body an event's data stands, as a JSON Pointer.</param>
public sealed record PostedEvents(IReadOnlyList<ReadEvent> Events, bool IsBatch, string DataAt);

/// <summary>An event with its source as it was sent.</summary>
public sealed record ReadEvent(CloudEvent Event, string Source);

/// <summary>Reads CloudEvents 1.0 over HTTP (its HTTP protocol binding and JSON format): binary, structured and batched.</summary>
public static partial class CloudEventReader
{
    public const string Structured = "application/cloudevents+json";
    public const string Batched = "application/cloudevents-batch+json";

    public const string HeaderPrefix = "ce-";
    private const string Data = "data";
    private const string DataInBase64 = "data_base64";
    private const string Time = "time";
    private const string Source = "source";
    private const string SpecVersion = "specversion";
    private const string DataContentType = "datacontenttype";
    private const string DataSchema = "dataschema";
    private const string VersionHeader = HeaderPrefix + SpecVersion;

    private static readonly string[] Required = [SpecVersion, "id", Source, "type"];
    private static readonly string[] Optional = [Time, DataContentType, DataSchema, "subject"];

    private static readonly JsonEventFormatter Formatter = new();

    public static async Task<(PostedEvents? Posted, Problem? Problem)> Read(HttpRequest request, CancellationToken cancellation)
    {
        var (bytes, unread) = await JsonBody.ReadBytes(request, cancellation);
        if (unread is not null)
            return (null, unread);
        var type = MediaTypeOf(request);
        if (type is not null && IsJson(type) && JsonBody.OtherCharset(request.ContentType) is { } charset)
            return (null, JsonBody.NotInUtf8(charset));
        if (type is Structured or Batched)
        {
            var (json, unreadable) = JsonBody.Parse(bytes);
            return unreadable is null ? Listed(json, type == Batched) : (null, unreadable);
        }

        if (!request.Headers.ContainsKey(VersionHeader))
        {
            return (
                null,
                KernelProblems.UnsupportedMediaType.Because(
                    $"Send {Structured}, {Batched}, or one event with its attributes in headers "
                        + $"({VersionHeader}, {HeaderPrefix}id, …) and its data as the body."
                )
            );
        }

        return Binary(request, bytes!);
    }

    /// <summary>Whether the media type is JSON: <c>application/json</c>, or any with the suffix <c>+json</c>.</summary>
    public static bool IsJson(string? contentType) =>
        contentType is null or MediaTypeNames.Application.Json
        || new ContentType(contentType).MediaType is var media
            && (media.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static (PostedEvents?, Problem?) Listed(JsonElement json, bool batch)
    {
        if (batch && json.ValueKind != JsonValueKind.Array)
            return (null, IngestionProblems.InvalidCloudEvent.Because("A batch is a JSON array of events."));
        var events = new List<ReadEvent>();
        foreach (var (element, index) in (batch ? [.. json.EnumerateArray()] : new[] { json }).Select((e, i) => (e, i)))
        {
            var (read, fault) = Fault(element) is { } attribute
                ? (null, attribute)
                : Checked(element.GetProperty(Source).GetString()!, source =>
                    WithData(Formatter.ConvertFromJsonElement(Readable(element, source), null))
                );
            if (fault is not null)
                return (null, NoEvent(fault, batch ? string.Create(CultureInfo.InvariantCulture, $"/{index}") : ""));
            events.Add(read!);
        }

        return (new PostedEvents(events, batch, "/data"), null);
    }

    /// <param name="fault">It names the member at fault, where it is of one.</param>
    /// <param name="at">Where the event stands in the body.</param>
    private static Problem NoEvent(string fault, string at)
    {
        var name = AtFault().Match(fault).Groups["name"].Value;
        var pointer = name.Length == 0 ? at : $"{at}/{BodyCheck.Escape(name)}";
        return pointer.Length == 0
            ? IngestionProblems.InvalidCloudEvent.Because(fault)
            : IngestionProblems.InvalidCloudEvent.At(pointer, fault);
    }

    /// <summary>What is wrong with the event; null where the SDK takes it or knows better. It names the attribute at fault.</summary>
    private static string? Fault(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return "An event is a JSON object.";
        var attributes = element.EnumerateObject().Where(m => m.Name != Data);
        if (attributes.Where(m => !JsonBody.IsUnicode(m.Value)).Select(m => m.Name).FirstOrDefault() is { } half)
            return $"The member '{half}' must be Unicode text; it holds half of a surrogate pair.";
        var lacking = Required
            .Where(name => !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            .ToList();
        if (lacking.Count > 0)
            return $"The event lacks {string.Join(", ", lacking)}.";
        if (Required.FirstOrDefault(name => element.GetProperty(name).ValueKind != JsonValueKind.String) is { } required)
            return $"The attribute '{required}' must be a text.";
        if (element.GetProperty(SpecVersion).GetString() is not "1.0" and var version)
            return $"The attribute '{SpecVersion}' must be 1.0, the only version taken, and not '{version}'.";
        if (element.TryGetProperty(Data, out _) && element.TryGetProperty(DataInBase64, out _))
            return $"The member '{DataInBase64}' must not stand beside '{Data}'.";
        foreach (var member in element.EnumerateObject())
        {
            if (
                member is { Name: DataInBase64, Value.ValueKind: not JsonValueKind.Null }
                && (member.Value.ValueKind != JsonValueKind.String || !member.Value.TryGetBytesFromBase64(out _))
            )
                return $"The member '{DataInBase64}' must be data in base64 (RFC 4648).";
            if (member.Name is Data or DataInBase64)
                continue;
            if (!IsName(member.Name))
                return NoName(member.Name);
            if (Optional.Contains(member.Name) && member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                return $"The attribute '{member.Name}' must be a text.";
            var taken = member.Value.ValueKind switch
            {
                JsonValueKind.String or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => true,
                JsonValueKind.Number => member.Value.TryGetInt32(out _),
                _ => false,
            };
            if (!taken)
                return $"The attribute '{member.Name}' must be a text, true, false, or a whole number from -2147483648 to 2147483647.";
        }

        return null;
    }

    private static bool IsName(string name) => name.Length > 0 && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9'));

    private static string NoName(string name) => $"The attribute '{name}' cannot be one: its name must be lower-case letters and digits.";

    /// <summary>
    /// The event with that source, and as the SDK takes it: times of RFC 3339 have <c>t</c>, <c>z</c> and leap seconds too, and media types
    /// have no case (RFC 9110). Its data stays as it was sent, be it no Unicode text: the command says what is wrong with it.
    /// </summary>
    private static JsonElement Readable(JsonElement element, string source)
    {
        var time = element.TryGetProperty(Time, out var sent) && sent.ValueKind == JsonValueKind.String ? sent.GetString() : null;
        var spelled = time is null ? null : TimeText.Spelled(time);
        var type =
            element.TryGetProperty(DataContentType, out var media) && media.ValueKind == JsonValueKind.String ? media.GetString() : null;
        if (spelled == time && type == type?.ToLowerInvariant() && source == element.GetProperty(Source).GetString())
            return element;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in element.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                var changed = member.Name switch
                {
                    Source => source,
                    Time => spelled,
                    DataContentType => type?.ToLowerInvariant(),
                    _ => null,
                };
                if (changed is not null)
                    writer.WriteStringValue(changed);
                else
                    writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    /// <summary>The event with its data as JSON, where it holds bytes of JSON.</summary>
    private static CloudEvent WithData(CloudEvent cloudEvent)
    {
        if (cloudEvent.Data is not byte[] bytes || !IsJson(cloudEvent.DataContentType))
            return cloudEvent;
        if (JsonBody.OtherCharset(cloudEvent.DataContentType) is { } charset)
            throw new FormatException($"{DataInBase64}: {JsonBody.NotInUtf8(charset).Detail}");
        var (json, unreadable) = JsonBody.Parse(bytes);
        cloudEvent.Data = unreadable is null ? json : throw new FormatException($"{DataInBase64}: {unreadable.Detail}");
        return cloudEvent;
    }

    private static (PostedEvents?, Problem?) Binary(HttpRequest request, byte[] body)
    {
        JsonElement? data = null;
        if (body.Length > 0 && request.ContentType is { } contentType && ContentType(contentType) is not null && IsJson(contentType))
        {
            var (json, unreadable) = JsonBody.Parse(body);
            if (unreadable is not null)
                return (null, unreadable);
            data = json;
        }

        string sent;
        try
        {
            sent = Decoded(HeaderPrefix + Source, request.Headers[HeaderPrefix + Source].ToString());
        }
        catch (FormatException unreadable)
        {
            return (null, IngestionProblems.InvalidCloudEvent.Because(unreadable.Message));
        }

        var (read, fault) = Checked(sent, source =>
        {
            var version = CloudEventsSpecVersion.FromVersionId(Decoded(VersionHeader, request.Headers[VersionHeader].ToString()))
                ?? throw new ArgumentException($"The only version taken is 1.0, not '{request.Headers[VersionHeader]}'.");
            var cloudEvent = new CloudEvent(version);
            foreach (var (name, value) in request.Headers)
            {
                if (
                    !name.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase)
                    || name.Equals(VersionHeader, StringComparison.OrdinalIgnoreCase)
                )
                    continue;
                var attribute = name[HeaderPrefix.Length..].ToLowerInvariant();
                if (!IsName(attribute))
                    throw new FormatException(NoName(attribute));
                var text = Decoded(name, value.ToString());
                try
                {
                    cloudEvent.SetAttributeFromString(
                        attribute,
                        attribute switch
                        {
                            Time => TimeText.Spelled(text),
                            Source => source,
                            _ => text,
                        }
                    );
                }
                catch (Exception e) when (e is ArgumentException or FormatException)
                {
                    throw new FormatException($"{HeaderPrefix}{attribute}: {e.Message}", e);
                }
            }

            if (request.ContentType is not null)
                cloudEvent.DataContentType = request.ContentType;
            cloudEvent.Data = data;
            return cloudEvent;
        });
        return fault is null ? (new PostedEvents([read!], false, ""), null) : (null, IngestionProblems.InvalidCloudEvent.Because(fault));
    }

    /// <exception cref="FormatException">The header is not written as CloudEvents have it; the message names it.</exception>
    private static string Decoded(string header, string value)
    {
        try
        {
            return HttpUtilities.DecodeHeaderValue(value);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new FormatException(
                $"{header.ToLowerInvariant()}: a percent sign must begin a byte of UTF-8, as in %C3%A9; it stands for itself as %25.",
                e
            );
        }
    }

    /// <summary>The event, or why it is none, which the SDK says by exceptions.</summary>
    /// <param name="read">Reads the event, with that source in place of the one that was sent.</param>
    private static (ReadEvent? Event, string? Fault) Checked(string source, Func<string, CloudEvent> read)
    {
        try
        {
            var isUri = source.Length == 0 || Uri.TryCreate(source, UriKind.RelativeOrAbsolute, out _);
            if (!isUri && CommandHeaders.IsSource(source))
                return (null, NoUri("is none"));

            // A mailto: address may be one that Uri cannot read. It is no source of ours either way, and is refused as such.
            var cloudEvent = read(isUri ? source : "/");
            if (!cloudEvent.IsValid)
            {
                var missing = cloudEvent.SpecVersion.RequiredAttributes.Where(a => cloudEvent[a] is null).Select(a => a.Name);
                return (null, $"The event lacks {string.Join(", ", missing)}.");
            }

            return InNoUri().Match(source) is { Success: true } match
                ? (null, NoUri($"holds '{match.Value}'"))
                : (new ReadEvent(cloudEvent, source), null);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or JsonException)
        {
            return (null, BySdk().Replace(InCode().Replace(e.Message, ""), fault => Said(fault.Groups["name"].Value)));
        }

        static string NoUri(string why) => $"The attribute '{Source}' must be a URI reference, such as https://desk.example.org; it {why}.";
    }

    /// <summary>What is wrong with an attribute that the SDK refuses, for who sent it.</summary>
    private static string Said(string attribute) =>
        $"The attribute '{attribute}' "
        + attribute switch
        {
            Time => "must be a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z.",
            DataContentType => "must be a media type, such as application/json.",
            DataSchema => "must be an absolute URI.",
            "id" or Source or "type" or "subject" => "must not be empty.",
            _ => "has a value that no attribute may have.",
        };

    /// <summary>What the SDK says of an attribute.</summary>
    [GeneratedRegex("(?:Text|Value) for attribute '(?<name>[a-z0-9]+)' is invalid: .*")]
    private static partial Regex BySdk();

    /// <summary>The member that a fault names.</summary>
    [GeneratedRegex("^(?:The (?:attribute|member) '(?<name>[^']+)'|The event lacks (?<name>[a-z0-9_]+)|(?<name>[a-z0-9_]+): )")]
    private static partial Regex AtFault();

    /// <summary>What an exception adds for whoever wrote the call.</summary>
    [GeneratedRegex(@" \(Parameter '\w+'\)")]
    private static partial Regex InCode();

    /// <summary>What stands in no URI reference (RFC 3986) among the printable characters of ASCII.</summary>
    [GeneratedRegex(@"[ ""<>\\^`{|}]|%(?![0-9A-Fa-f]{2})")]
    private static partial Regex InNoUri();

    private static string? MediaTypeOf(HttpRequest request) => ContentType(request.ContentType)?.MediaType.ToLowerInvariant();

    private static ContentType? ContentType(string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? null : new ContentType(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
