using System.Text.Json.Serialization;
using CooperationEvents.Feed;
using CooperationEvents.Kernel;

namespace CooperationEvents.Webhooks;

/// <summary>
/// Sends events to a URL as webhooks, from the position of <paramref name="From"/> on (from now on where absent): those of
/// <paramref name="Types"/> and <paramref name="StreamTypes"/>, or all. The answer holds the secret they are signed with.
/// </summary>
public sealed record NewSubscription(
    [property: Text(NewSubscription.LongestUrl), Uri] string Url,
    Guid? Id = null,
    [property: Bounds(1, 100)] ValueList<string>? Types = null,
    [property: Bounds(1, 20)] ValueList<string>? StreamTypes = null,
    long? From = null
)
{
    public const int LongestUrl = 2_000;

    /// <summary>What is wrong with it beyond its shape.</summary>
    public IReadOnlyList<FieldError> Faults(bool allowPrivate) =>
        [
            .. WebhookUrl.Fault(Url, allowPrivate) is { } fault ? [new FieldError("/url", fault)] : Array.Empty<FieldError>(),
            .. Unknown("types", Types, PublicData.Types),
            .. Unknown("streamTypes", StreamTypes, PublicData.StreamTypes),
        ];

    private static IEnumerable<FieldError> Unknown(string member, ValueList<string>? given, IReadOnlyList<string> known) =>
        from entry in (given ?? []).Index()
        where !known.Contains(entry.Item)
        select new FieldError($"/{member}/{entry.Index}", $"Must be one of {string.Join(", ", known)}.");
}

/// <summary>A subscription as it is kept; <paramref name="SealedSecret"/> opens under a key of the service.</summary>
public sealed record Subscription(Guid Id, Guid Owner, string Url, FeedFilter Filter, byte[] SealedSecret, long ReadUpTo, bool IsFailing);

/// <summary>
/// A subscription and how far it has come: everything that it asks for up to <paramref name="Cursor"/> was taken by the receiver
/// or is a dead letter. <paramref name="Pending"/>: events read beyond that and not taken yet, at most 1,000.
/// </summary>
public sealed record SubscriptionAnswer(
    Guid Id,
    Guid Owner,
    string Url,
    ValueList<string>? Types,
    ValueList<string>? StreamTypes,
    long From,
    DateTime CreatedAt,
    SubscriptionState State,
    long Cursor,
    long Pending,
    long DeadLetters,
    DateTime? LastDeliveredAt,
    DateTime? FailingSince,
    DeliveryError? LastError
)
{
    /// <summary>What signatures are made with; shown when it is created, and to a repeat of that request within 24 hours.</summary>
    [JsonPropertyOrder(1)]
    public string? Secret { get; init; }
}

/// <summary>Why an attempt failed. What the receiver answered beyond its status is not kept.</summary>
public sealed record DeliveryError(DateTime At, string Detail);

public enum SubscriptionState
{
    Active,

    /// <summary>The receiver answered 410 Gone; nothing is sent any more.</summary>
    Disabled,
}
