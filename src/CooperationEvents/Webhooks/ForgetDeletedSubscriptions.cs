namespace CooperationEvents.Webhooks;

/// <summary>Forgets the URLs and secrets of deleted subscriptions, once no repeat of a creation is answered with them any more.</summary>
public sealed record ForgetDeletedSubscriptions;

public static class ForgetDeletedSubscriptionsHandler
{
    public static Task Handle(ForgetDeletedSubscriptions message, Subscriptions subscriptions, CancellationToken cancellation) =>
        subscriptions.ForgetDeleted(cancellation);
}
