using System.Text;

namespace CooperationEvents.UnitTests.Architecture;

/// <summary>The rules of the house are worth what the reading of code finds.</summary>
public sealed class CodeTests
{
    private static readonly Part Sample = Code.Read(typeof(CodeTests).Assembly.Location)[typeof(Uses).FullName!];

    [Theory]
    [InlineData("System.Guid.NewGuid")]
    [InlineData("System.DateTime.get_UtcNow")]
    [InlineData("System.TimeProvider.GetUtcNow")]
    [InlineData("System.Version")]
    [InlineData("System.Text.StringBuilder")]
    [InlineData("System.Net.Http.HttpClient")]
    [InlineData("System.IO.IOException")]
    [InlineData("System.ObsoleteAttribute")]
    [InlineData("System.Uri")]
    [InlineData("CooperationEvents.UnitTests.Architecture.CodeTests")]
    public void What_a_type_uses_is_found_wherever_it_stands(string use) => Sample.Uses.Select(u => u.ToString()).ShouldContain(use);

    [Fact]
    public void Signatures_are_those_of_public_methods() =>
        Sample
            .InSignatures()
            .ShouldBe(
                ["System.Func`1", "System.Guid", "System.Threading.Tasks.Task", "System.TimeProvider", "System.Void"],
                ignoreOrder: true
            );
}

internal sealed class Uses
{
    private readonly Dictionary<string, List<Version>> _fieldOfGenericType = [];

    public Func<Guid> InALambda() => () => _fieldOfGenericType.Count == 0 ? Guid.NewGuid() : Guid.Empty;

    public async Task InAnAsyncMethod(TimeProvider clock)
    {
        await Task.Yield();
        _ = clock.GetUtcNow();
        _ = InALocalFunction();

        static DateTime InALocalFunction() => DateTime.UtcNow;
    }

    [Obsolete("In an attribute")]
    public void InTheBody()
    {
        try
        {
            _ = Array.Empty<HttpClient[]>();
            GC.KeepAlive(typeof(StringBuilder));
        }
        catch (IOException)
        {
            GC.KeepAlive(typeof(CodeTests));
        }
    }

    private sealed class InANestedType
    {
        public Uri? Where { get; init; }
    }
}
