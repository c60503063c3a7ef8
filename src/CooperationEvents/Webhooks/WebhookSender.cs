using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using CooperationEvents.Feed;
using CooperationEvents.Kernel;

namespace CooperationEvents.Webhooks;

/// <summary>
/// The body of a webhook, as the Standard Webhooks specification recommends it; <paramref name="Timestamp"/> is the time of recording.
/// </summary>
public sealed record Webhook(string Type, string Timestamp, FeedItem Data);

/// <summary>How one attempt to send ended.</summary>
/// <param name="Error">Null where the receiver took it.</param>
/// <param name="Gone">The receiver wants no more webhooks.</param>
/// <param name="RetryAfter">How long the receiver asks to be left alone.</param>
public sealed record Attempt(string? Error, bool Gone = false, TimeSpan? RetryAfter = null)
{
    public static Attempt Taken { get; } = new(Error: null);
}

/// <summary>Sends one event to one receiver, signed; any answer but 2xx is a failure, and so is none in time.</summary>
public sealed class WebhookSender(WebhookOptions options) : IDisposable
{
    /// <summary>How much of an answer is read before the connection is closed instead.</summary>
    private const int MostOfAnswer = 4 * 1024;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    private readonly HttpClient _client = new(WebhookConnection.Handler(options.AllowPrivateAddresses))
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <param name="sentAt">The time now, by which it is signed.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; whether the receiver took it is not known.</exception>
    public async Task<Attempt> Send(string url, byte[] secret, FeedItem item, DateTimeOffset sentAt, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(options.Timeout);
        try
        {
            using var request = Request(url, secret, item, sentAt);
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            await ReadSome(answer, timeout.Token);
            return Judge(answer, sentAt);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Attempt(string.Create(CultureInfo.InvariantCulture, $"No answer within {options.Timeout.TotalSeconds} s."));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or PrivateAddressException)
        {
            return new Attempt(Reason(e));
        }
    }

    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage Request(string url, byte[] secret, FeedItem item, DateTimeOffset sentAt)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new Webhook(item.Type, item.At, item), Json.Options);
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("CooperationEvents", "1"));
        request.Headers.Add("webhook-id", item.Id.ToString());
        request.Headers.Add("webhook-timestamp", WebhookSignature.Timestamp(sentAt));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(secret, item.Id, sentAt, body));
        return request;
    }

    private static Attempt Judge(HttpResponseMessage answer, DateTimeOffset sentAt)
    {
        if (answer.IsSuccessStatusCode)
            return Attempt.Taken;
        var status = string.Create(CultureInfo.InvariantCulture, $"The receiver answered {(int)answer.StatusCode}");
        if (answer.StatusCode == HttpStatusCode.Gone)
            return new Attempt($"{status}: it wants no more webhooks.", Gone: true);
        var retryAfter = answer.Headers.RetryAfter switch
        {
            { Delta: { } pause } => pause,
            { Date: { } date } => date - sentAt,
            _ => (TimeSpan?)null,
        };
        return new Attempt(
            (int)answer.StatusCode is >= 300 and < 400 ? $"{status}; redirects are not followed." : $"{status}.",
            RetryAfter: retryAfter > LongestRetryAfter ? LongestRetryAfter : retryAfter
        );
    }

    /// <summary>
    /// Reads a short answer to its end, so that its connection can be used again; a longer one is left. The status has said all.
    /// </summary>
    private static async Task ReadSome(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
            var buffer = new byte[MostOfAnswer];
            await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // What follows the status was cut off or did not come in time.
        }
    }

    /// <summary>In a few words, without what only concerns the inside of this service.</summary>
    private static string Reason(Exception error) =>
        error switch
        {
            PrivateAddressException => error.Message,
            { InnerException: PrivateAddressException inner } => inner.Message,
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                "No secure connection could be made: its certificate or its TLS is not accepted.",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "The receiver cannot be connected to.",
            _ => "The connection to the receiver was lost.",
        };
}
