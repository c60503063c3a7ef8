using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>What a collector is told: requests and work, and nothing of looks for work that there is not.</summary>
public sealed class TraceTests : IAsyncDisposable
{
    private const int Posts = 32;

    private readonly string _data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
    private TestDatabase _database = null!;
    private Receiver _collector = null!;
    private ServiceProcess _service = null!;

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _collector.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task A_node_with_nothing_to_do_tells_nothing_and_a_post_is_one_trace_with_its_statements_and_its_commit()
    {
        await Start();
        await LooksForWork();

        (await Post("Frontex")).ShouldBeAccepted(201);

        await Wait.Until("the trace of the post", () => Roots().Any(IsPost));
        var post = Roots().Single(IsPost);
        ExportedSpan
            .In(_collector)
            .Where(span => span.Start < post.Start && !IsOfJob(span.Trace))
            .Select(span => span.Name)
            .ShouldBeEmpty();
        await Wait.Until("the traces of the log and of the read models", () => Roots().Any(IsOfLog) && Roots().Any(IsOfReadModels));
        var spans = ExportedSpan.In(_collector);
        var traced = spans.Where(span => span.Trace == post.Trace).ToList();
        var commit = traced.Single(IsCommit);
        commit.Parent.ShouldBe(post.Id);
        commit.Links.ShouldBeEmpty();
        traced.ShouldContain(span => span.IsOfClient && span.Parent == commit.Id);
        Roots()
            .Where(span => !IsPost(span) && !IsOfLog(span) && !IsOfReadModels(span) && !IsOfJob(span.Trace))
            .Select(span => span.Name)
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task A_commit_that_several_posts_share_is_a_trace_of_its_own_that_names_theirs()
    {
        await Start();

        await Wait.Until("a commit that several posts share", async () =>
        {
            foreach (var answer in await Task.WhenAll(Enumerable.Range(0, Posts).Select(_ => Post($"{Guid.NewGuid()}"))))
                answer.ShouldBeAccepted(201);
            return Shared().Any();
        });

        var commit = Shared().First();
        commit.Parent.ShouldBeNull();
        await Wait.Until("the traces of the posts", () =>
            commit.Links.All(trace => Roots().Any(span => IsPost(span) && span.Trace == trace))
        );
        ExportedSpan.In(_collector).ShouldContain(span => span.IsOfClient && span.Parent == commit.Id);

        IEnumerable<ExportedSpan> Shared() => ExportedSpan.In(_collector).Where(span => IsCommit(span) && span.Links.Count > 1);
    }

    /// <summary>The names of the messages of jobs.</summary>
    private static IReadOnlyList<string> Jobs { get; } =
    [
        .. typeof(Recording.Recorder)
            .Assembly.GetTypes()
            .Where(type => type is { IsAbstract: true, IsSealed: true } && type.GetMethods().Any(method => method.Name == "Handle"))
            .Select(type => type.Name[..^"Handler".Length]),
    ];

    private static bool IsPost(ExportedSpan span) => span.Name.StartsWith("POST ", StringComparison.Ordinal);

    private static bool IsCommit(ExportedSpan span) => span.Name == "commit";

    private static bool IsOfLog(ExportedSpan span) => span.Name.StartsWith("log: ", StringComparison.Ordinal);

    private static bool IsOfReadModels(ExportedSpan span) => span.Name.StartsWith("marten.", StringComparison.Ordinal);

    /// <summary>Whether the trace is of a job, which may be due at any time.</summary>
    private bool IsOfJob(string trace) =>
        ExportedSpan.In(_collector).Any(span => span.Trace == trace && Jobs.Any(job => span.Name.EndsWith(job, StringComparison.Ordinal)));

    private async Task Start()
    {
        _database = await TestDatabase.Create();
        _collector = await Receiver.Start();
        _service = ServiceProcess.Launch(
            _database,
            _data,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", _collector.Url),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200")
        );
        await _service.Ready();
    }

    private Task<Answer> Post(string name) => _service.Post("/v1/organisations", new { name, shortName = name });

    private IEnumerable<ExportedSpan> Roots() => ExportedSpan.In(_collector).Where(span => span.Parent is null);

    /// <summary>Waits until the node has asked the database for work again and again, while there is none.</summary>
    private async Task LooksForWork()
    {
        var looks = new HashSet<(object?, object?)>();
        await Wait.Until("the node to look for work", async () =>
        {
            var sessions = await _database.Rows(
                """
                select query, state_change from pg_stat_activity
                where datname = current_database() and application_name = 'cooperation-events' and state = 'idle'
                """
            );
            looks.UnionWith(sessions.Select(session => (session[0], session[1])));
            return looks.GroupBy(look => look.Item1).Count(times => times.Count() > 2) > 2;
        });
    }
}
