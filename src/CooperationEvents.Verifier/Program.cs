namespace CooperationEvents.Verifier;

internal static class Program
{
    private static int Main() => 2;
}
