using System.Text;
using CooperationEvents.AuditLog;
using CooperationEvents.Testing;
using Microsoft.AspNetCore.Http;

namespace CooperationEvents.IntegrationTests.Audit;

/// <summary>Checkpoints are sent to witnesses, who hold us to what they have seen.</summary>
public sealed class WitnessTests
{
    [Fact]
    public async Task A_witness_cosigns_every_checkpoint_it_is_sent_and_anybody_can_check_that()
    {
        await using var witness = await FakeWitness.Start();
        await using var database = await TestDatabase.Create();
        await using var host = await Start(database, witness);

        var first = await Cosigned(host, witness, 0);
        (await host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" })).ShouldBeAccepted(201);
        var second = await Cosigned(host, witness, first + 1);

        second.ShouldBeGreaterThan(first);
        witness.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_witness_that_has_seen_another_size_than_we_know_is_sent_the_proof_from_there()
    {
        await using var witness = await FakeWitness.Start();
        await using var database = await TestDatabase.Create();
        await using var host = await Start(database, witness);
        (await host.Post("/v1/organisations", new { name = "IOM", shortName = "IOM" })).ShouldBeAccepted(201);
        var seen = await Cosigned(host, witness, 1);
        await Execute(
            database,
            "alter table audit.cosignature disable trigger never_changed",
            "delete from audit.cosignature",
            "alter table audit.cosignature enable trigger never_changed"
        );

        (await host.Post("/v1/organisations", new { name = "EEAS", shortName = "EEAS" })).ShouldBeAccepted(201);
        await Cosigned(host, witness, seen + 1);

        witness.Conflicts.ShouldBeGreaterThan(0);
        witness.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_witness_refuses_or_signs_falsely_is_kept_out_and_asked_again()
    {
        await using var witness = await FakeWitness.Start();
        witness.Refuses = true;
        await using var database = await TestDatabase.Create();
        await using var host = await Start(database, witness);
        await Wait.Until("two refusals", () => Task.FromResult(witness.Asked >= 2));
        witness.Forges = true;
        witness.Refuses = false;
        var asked = witness.Asked;
        await Wait.Until("two forgeries", () => Task.FromResult(witness.Asked >= asked + 2));
        (await database.Scalar<long>("select count(*) from audit.cosignature")).ShouldBe(0);

        witness.Forges = false;
        await Cosigned(host, witness, 0);
    }

    /// <summary>By how often each is asked: a witness that is silent is waited for, and the other one meanwhile goes on.</summary>
    [Fact]
    public async Task A_witness_that_is_silent_keeps_no_other_waiting()
    {
        await using var silent = await FakeWitness.Start();
        await using var witness = await FakeWitness.Start();
        silent.IsSilent = true;
        await using var database = await TestDatabase.Create();
        await using var host = await Start(database, silent, witness);
        await Wait.Until("the silent one to be asked", () => Task.FromResult(silent.Asked > 0));

        var size = -1L;
        for (var round = 0; round < 4; round++)
        {
            (await host.Post("/v1/organisations", new { name = "IOM", shortName = "IOM" })).ShouldBeAccepted(201);
            size = await Cosigned(host, witness, size + 1);
        }

        silent.Asked.ShouldBeLessThan(witness.Asked);
        witness.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cosignature_of_a_time_that_is_still_to_come_is_kept_out()
    {
        await using var witness = await FakeWitness.Start();
        witness.Ahead = TimeSpan.FromDays(1);
        await using var database = await TestDatabase.Create();
        await using var host = await Start(database, witness);
        await Wait.Until("two of them", () => Task.FromResult(witness.Asked >= 2));
        (await database.Scalar<long>("select count(*) from audit.cosignature")).ShouldBe(0);
        host.Warnings.ShouldContain(w => w.Contains("a time that is still to come", StringComparison.Ordinal));

        witness.Ahead = TimeSpan.Zero;
        await Cosigned(host, witness, 0);
    }

    [Theory]
    [InlineData("http://witness.example.org", null, "Url must be the https URL")]
    [InlineData("https://witness.example.org", "nonsense", "Key must be the verifier key")]
    public async Task What_is_no_witness_stops_the_start(string url, string? key, string says)
    {
        await using var database = await TestDatabase.Create();

        var refused = await Should.ThrowAsync<Exception>(() =>
            RegisterHost.Start(
                database,
                settings: [("Audit:Witnesses:0:Url", url), ("Audit:Witnesses:0:Key", key ?? FakeWitness.NewKey().Verifier.ToString())]
            )
        );

        refused.ToString().ShouldContain(says);
    }

    private static Task<RegisterHost> Start(TestDatabase database, params FakeWitness[] witnesses) =>
        RegisterHost.Start(
            database,
            settings:
            [
                ("Audit:CheckpointMilliseconds", "20"),
                ("Audit:WitnessSeconds", "0.05"),
                .. witnesses.SelectMany(
                    (witness, i) =>
                        new[] { ($"Audit:Witnesses:{i}:Url", witness.Url), ($"Audit:Witnesses:{i}:Key", witness.Key.ToString()) }
                ),
            ]
        );

    /// <summary>Waits for a published checkpoint of at least that size with the cosignature of the witness, and says its size.</summary>
    private static async Task<long> Cosigned(RegisterHost host, FakeWitness witness, long size)
    {
        CheckpointLine? found = null;
        await Wait.Until("a cosigned checkpoint", async () =>
        {
            found = (await host.Get("/v1/audit/log/checkpoints", role: null))
                .ShouldBeText("application/x-ndjson")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(CheckpointLine.Parse)
                .LastOrDefault(c => c.Checkpoint.Size >= size && c.Note.SignedBy([witness.Key]).Count == 1);
            return found is not null;
        });
        found!.Note.SignedBy((await Log.Keys(host)).Select(k => k.Key)).Count.ShouldBe(1);
        return found.Checkpoint.Size;
    }

    private static async Task Execute(TestDatabase database, params string[] statements)
    {
        foreach (var statement in statements)
        {
            await using var command = database.Source.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>A witness as C2SP tlog-witness describes it, for one log, whose key it takes from the first request.</summary>
    private sealed class FakeWitness : IAsyncDisposable
    {
        private readonly SigningKey _key = NewKey();
        private Receiver _server = null!;
        private Checkpoint? _seen;

        public VerifierKey Key => _key.Verifier;

        public string Url => _server.Url;

        public long Seen => _seen?.Size ?? 0;

        public int Asked => _server.All.Count;

        public int Conflicts { get; private set; }

        public bool Refuses { get; set; }

        public bool Forges { get; set; }

        /// <summary>Whether it answers nothing for as long as somebody waits.</summary>
        public bool IsSilent { get; set; }

        /// <summary>How far its clock is ahead.</summary>
        public TimeSpan Ahead { get; set; }

        /// <summary>What was wrong with requests that a log in order never sends.</summary>
        public List<string> Faults { get; } = [];

        public static SigningKey NewKey() => SigningKey.Generate("witness.example.org", SignatureType.Cosignature);

        public static async Task<FakeWitness> Start()
        {
            var witness = new FakeWitness();
            witness._server = await Receiver.Start(witness.Answer);
            return witness;
        }

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private async Task Answer(Received received, HttpContext http)
        {
            if (IsSilent)
            {
                var left = new TaskCompletionSource();
                await using var gone = http.RequestAborted.Register(left.SetResult);
                await left.Task;
                return;
            }

            if (Refuses || http.Request.Path != "/add-checkpoint")
            {
                http.Response.StatusCode = 403;
                return;
            }

            var parts = Encoding.UTF8.GetString(received.Body).Split("\n\n", 2);
            var lines = parts[0].Split('\n');
            var note = SignedNote.Parse(parts[1]);
            var checkpoint = Checkpoint.Parse(note.Text);
            if (lines[0] != $"old {Seen}")
            {
                Conflicts++;
                http.Response.StatusCode = 409;
                http.Response.ContentType = "text/x.tlog.size";
                await http.Response.WriteAsync($"{Seen}\n");
                return;
            }

            var hashes = lines[1..].Select(l => Digest.TryParse(l, out var hash) ? hash : throw new FormatException(l)).ToList();
            if (_seen is { Size: > 0 } && !new ConsistencyProof(_seen.Size, checkpoint.Size, hashes).Proves(_seen.Root, checkpoint.Root))
                Faults.Add($"from {_seen.Size} to {checkpoint.Size}: not consistent");
            if (_seen is not { Size: > 0 } && hashes.Count > 0)
                Faults.Add("a proof from size 0 has no hashes");
            if (!Forges && Ahead == TimeSpan.Zero)
                _seen = checkpoint;
            await http.Response.WriteAsync($"{_key.Cosign(Forges ? "another text\n1\n" : note.Text, DateTimeOffset.UtcNow + Ahead)}\n");
        }
    }
}
