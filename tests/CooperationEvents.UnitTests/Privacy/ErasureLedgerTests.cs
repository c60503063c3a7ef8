using CooperationEvents.Kernel;
using CooperationEvents.Privacy;

namespace CooperationEvents.UnitTests.Privacy;

public sealed class ErasureLedgerTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cooperation-test-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Nodes_that_share_the_file_lose_no_line_of_each_other()
    {
        var path = Path.Combine(_directory.FullName, ErasureLedger.FileName);
        var people = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()).ToList();

        await Task.WhenAll(people.Chunk(25).Select(ofOneNode => Task.Run(() => Append(new ErasureLedger(path), ofOneNode))));

        new ErasureLedger(path).ReadExpired().Select(line => line.Person).ShouldBe(people, ignoreOrder: true);
    }

    private static async Task Append(ErasureLedger ledger, IEnumerable<Guid> people)
    {
        foreach (var person in people)
            await ledger.Add(
                [new ExpiryLine(DateTimeOffset.UnixEpoch, person, [new FieldSalt(FieldClass.Contact, 1)])],
                TestContext.Current.CancellationToken
            );
    }
}
