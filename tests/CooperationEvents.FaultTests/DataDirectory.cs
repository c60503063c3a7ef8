using CooperationEvents.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]

namespace CooperationEvents.FaultTests;

/// <summary>Where a service keeps its keys, for as long as a test runs.</summary>
internal sealed class DataDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cooperation-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

internal static class Figures
{
    /// <summary>A figure for whoever reads the report.</summary>
    public static void Show(string figure) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{figure} ({(ServiceProcess.IsRelease ? "Release" : "Debug")})");
}

/// <summary>Tests that compare times have the machine for themselves.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
