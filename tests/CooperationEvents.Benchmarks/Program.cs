using CooperationEvents.Benchmarks;

// Figures are ratios to a limit measured in the same run; docs/performance.md holds those that were measured.
switch (args)
{
    case ["imports"]:
        await ImportBenchmark.Run();
        return 0;
    case ["race"]:
        await RaceBenchmark.Run();
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: dotnet run -c Release --project tests/CooperationEvents.Benchmarks -- imports|race");
        return 2;
}
