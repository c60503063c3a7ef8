using System.Net;
using CooperationEvents.AuditLog;
using CooperationEvents.AuditLogTests.AuditLog;
using CooperationEvents.Verifier;

namespace CooperationEvents.AuditLogTests.Verifier;

/// <summary>A watch follows a register that grows, and says loudly what does not fit.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory();
    private readonly Register _register = new();
    private readonly HttpClient _client;

    public WatchTests() => _client = new HttpClient(_register);

    public void Dispose()
    {
        _client.Dispose();
        _register.Dispose();
        _state.Delete(recursive: true);
    }

    [Fact]
    public async Task A_log_that_only_grows_fits_and_its_checkpoints_are_kept()
    {
        foreach (var size in new[] { 0, 1, 300, 300, 1_000 })
        {
            _register.Show(new Exported().Entries[..size]);
            (await Look()).ShouldBeNull();
        }

        File.ReadAllLines(Path.Combine(_state.FullName, Export.Checkpoints))
            .Select(l => CheckpointLine.Parse(l).Checkpoint.Size)
            .ShouldBe([0, 1, 300, 1_000]);
        _register.Answers = false;
        (await Look()).ShouldBeNull();
    }

    [Theory]
    [InlineData(300, 299, "it went back")]
    [InlineData(300, 300, "told two stories")]
    [InlineData(300, 500, "it was rewritten")]
    public async Task A_log_that_told_another_story_is_said_and_the_evidence_kept(int before, int after, string said)
    {
        var log = new Exported();
        _register.Show(log.Entries[..before]);
        (await Look()).ShouldBeNull();

        log.Alter(17, e => e with { Actor = "nobody" });
        _register.Show(log.Entries[..after]);
        var alarm = (await Look()).ShouldNotBeNull();

        alarm.ShouldContain(said);
        _state.GetFiles("does-not-fit-*").ShouldHaveSingleItem();
        new CheckpointLine(SignedNote.Parse(File.ReadAllText(Path.Combine(_state.FullName, "checkpoint")))).Checkpoint.Size.ShouldBe(
            before
        );
    }

    [Fact]
    public async Task A_checkpoint_of_another_key_or_another_log_is_said()
    {
        _register.Show(new Exported().Entries[..5], Exported.Second);
        (await Look()).ShouldNotBeNull().ShouldContain("signed by no key you gave");
    }

    private Task<string?> Look() =>
        new Watch(
            _client,
            new Uri("https://register.example"),
            _state,
            [LogKey.Always(Exported.First.Verifier)],
            TextWriter.Null,
            TimeProvider.System
        ).Look(TestContext.Current.CancellationToken);

    /// <summary>A register that publishes the log it is told to.</summary>
    private sealed class Register : HttpMessageHandler
    {
        private TreeInMemory _tree = new([]);
        private string _note = "";

        public bool Answers { get; set; } = true;

        public void Show(IReadOnlyList<byte[]> entries, SigningKey? key = null)
        {
            _tree = new TreeInMemory(entries);
            var range = new CompactRange();
            foreach (var entry in entries)
                range.Append(MerkleTree.LeafHash(entry));
            _note = new Checkpoint(Exported.First.Verifier.Name, entries.Count, range.Root).Sign(key ?? Exported.First).ToString();
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!Answers)
                throw new HttpRequestException("It is down.");
            var path = request.RequestUri!.AbsolutePath["/v1/audit/log/".Length..];
            if (path == "checkpoint")
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(_note) };
            Tile.TryParse(path, out var tile).ShouldBeTrue();
            return new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new ByteArrayContent(Digest.WriteAll((await _tree.ReadAsync(tile, cancellationToken)).Span)),
            };
        }
    }
}
