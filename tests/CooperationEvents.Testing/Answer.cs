using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CooperationEvents.Testing;

/// <summary>An answer of the service: status, headers, and the body as text and as JSON.</summary>
public sealed class Answer
{
    private readonly HttpResponseMessage _message;
    private readonly string _request;
    private readonly string? _logged;

    private Answer(HttpResponseMessage message, string text, string? logged)
    {
        _message = message;
        _logged = logged;
        _request = $"{message.RequestMessage?.Method} {message.RequestMessage?.RequestUri}";
        Text = text;
    }

    public int Status => (int)_message.StatusCode;

    public string Text { get; }

    public string? ContentType => _message.Content.Headers.ContentType?.ToString();

    /// <summary>The body as JSON; fails where it is none.</summary>
    public JsonNode Json
    {
        get
        {
            try
            {
                return JsonNode.Parse(Text)!;
            }
            catch (JsonException)
            {
                throw new InvalidOperationException($"{this} holds no JSON.");
            }
        }
    }

    public Guid Id => Json["id"]!.GetValue<Guid>();

    public long Version => Json["version"]!.GetValue<long>();

    public long Position => Json["position"]!.GetValue<long>();

    public string? ETag => Header("ETag");

    /// <summary>The header <c>Cooperation-Position</c>.</summary>
    public long PositionHeader =>
        long.Parse(
            Header("Cooperation-Position") ?? throw new InvalidOperationException($"{this} has no position."),
            CultureInfo.InvariantCulture
        );

    /// <summary>The header's value, or null where it is not there; several are joined by commas.</summary>
    public string? Header(string name) =>
        _message.Headers.TryGetValues(name, out var values) || _message.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;

    public override string ToString() => $"{_request} -> {Status} {Text} {_logged}";

    /// <param name="logged">What the service logged behind a failure.</param>
    public static async Task<Answer> Of(HttpResponseMessage message, Func<string?> logged) =>
        new(message, await message.Content.ReadAsStringAsync(), message.StatusCode >= HttpStatusCode.InternalServerError ? logged() : null);
}
