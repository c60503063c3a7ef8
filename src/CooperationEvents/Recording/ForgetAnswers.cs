namespace CooperationEvents.Recording;

/// <summary>Forgets remembered answers once they are old enough.</summary>
public sealed record ForgetAnswers;

public static class ForgetAnswersHandler
{
    public static Task Handle(ForgetAnswers message, IdempotencyStore answers, CancellationToken cancellation) =>
        answers.Forget(cancellation);
}
