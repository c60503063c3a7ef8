using CooperationEvents.Audit;
using CooperationEvents.Audit.Journal;
using CooperationEvents.Audit.TransparencyLog;
using CooperationEvents.Authentication;
using CooperationEvents.Calendars;
using CooperationEvents.Commitments;
using CooperationEvents.Dashboard;
using CooperationEvents.Duplicates;
using CooperationEvents.Feed;
using CooperationEvents.Frameworks;
using CooperationEvents.Hosting;
using CooperationEvents.Http;
using CooperationEvents.Ingestion;
using CooperationEvents.Meetings;
using CooperationEvents.Organisations;
using CooperationEvents.People;
using CooperationEvents.Privacy;
using CooperationEvents.Projections;
using CooperationEvents.Publications;
using CooperationEvents.Reading;
using CooperationEvents.Recording;
using CooperationEvents.Statistics;
using CooperationEvents.Storage;
using CooperationEvents.Webhooks;
using JasperFx;
using Wolverine.Http;

if (Usage.Of(args) is ({ } text, var code))
{
    await (code == 0 ? Console.Out : Console.Error).WriteLineAsync(text);
    return code;
}

var builder = WebApplication.CreateBuilder(args);
var development = builder.Environment.IsDevelopment();

// The build writes the endpoints' adapters ahead of time; nothing is served then.
var writesAdapters = args is ["codegen", ..];
var settingsFile = ProductionSettings.Read(builder.Configuration);
var options = new ConfiguredOptions(builder.Configuration);
builder.Services.AddSingleton(options);
if (ProductionCommands.Takes(args))
    return await ProductionCommands.Run(args, builder.Configuration, options, settingsFile);
var isCommand =
    DatabaseCommands.Takes(args)
    || AuthenticationCommands.Takes(args)
    || AuditCommands.Takes(args)
    || KeyCommands.Takes(args)
    || JobCommands.Takes(args)
    || PeopleCommands.Takes(args);
try
{
    if (settingsFile.Fault is { } fault)
        throw new StartRefusedException(fault);
    if (!writesAdapters)
        Startup.Check(builder.Configuration, options, development, serves: !isCommand);
}
catch (Exception refused) when (Startup.Refusal(refused) is { } why)
{
    await Console.Error.WriteLineAsync(why);
    return 1;
}

var dataDirectory = DataFiles.Directory(builder.Configuration);

builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddDataSources(builder.Configuration, DatabaseCommands.ConnectsAs(args));
builder.Services.AddClockCheck();
builder.Services.AddDrain(options.Of<HostingOptions>());
builder.Services.AddDatabaseChecks(development);
builder.Services.AddPrivacy(builder.Configuration, development, dataDirectory);
builder.Services.AddRecording();
builder.Services.AddCallers(options.Of<ProviderOptions>(), development);
builder.Services.AddProjections();
builder.Services.AddReading();
builder.Services.AddCommandEndpoints();
builder.Services.AddPeople(dataDirectory);
builder.Services.AddMeetings(options.Of<CountryOptions>());
builder.Services.AddCommitments();
builder.Services.AddDuplicates();
builder.Services.AddPublications();
builder.Services.AddCalendars();
builder.Services.AddIngestion();
builder.Services.AddStatistics();
builder.Services.AddAudit(builder.Configuration, development, dataDirectory);
builder.Services.AddFeed();
builder.Services.AddWebhooks();
builder.Services.AddEventStore(
    OrganisationsModule.Configure,
    FrameworksModule.Configure,
    PeopleModule.Configure,
    MeetingsModule.Configure,
    CommitmentsModule.Configure,
    PublicationsModule.Configure,
    StatisticsModule.Configure
);
builder.Services.AddSecurityHeaders(options.Of<ProxyOptions>(), development);
builder.Services.AddTelemetry(builder.Configuration);
builder.Services.AddOpenApiDocument();
builder.Services.AddWolverineHttp();
builder.Host.AddWolverine(
    builder.Configuration,
    options.Of<JobOptions>(),
    DatabaseCommands.ConnectsAs(args),
    PrivacyModule.Schedule,
    PeopleModule.Schedule,
    RecordingModule.Schedule,
    AuditModule.Schedule,
    AuthenticationModule.Schedule,
    IngestionModule.Schedule,
    WebhooksModule.Schedule
);
builder.AddLimits(options);
builder.AddRequestCheck();
builder.Logging.AddLogging();

try
{
    var app = builder.Build();

    // The checks of a start wait for the database while the endpoints are mapped.
    var prepared = isCommand || writesAdapters ? Task.CompletedTask : Task.Run(() => Startup.Prepare(app, development, dataDirectory));
    app.UseDrain();
    app.UseHttpsAlone(development);
    app.UseDocsPolicy();
    app.UseProblems();
    app.UseRequestCheck();
    app.UseRouting();
    app.UseRoutingAnswers();
    app.UseClockCheck();
    app.UseAuthentication();
    app.UseRates();
    app.UseSameOrigin();
    app.UseAuthorization();
    app.UseAccept();
    app.UsePermits();
    app.UseAccessJournal();
    app.MapWolverineEndpoints(endpoints => endpoints.AddParameterHandlingStrategy<CommandBinding>());
    app.MapOpenApiDocument();
    app.MapSignIn();
    app.MapDashboard();

    if (writesAdapters)
        return await app.RunJasperFxCommands(args);

    if (DatabaseCommands.Takes(args))
        return await DatabaseCommands.Run(app.Services, args, development);

    if (KeyCommands.Takes(args))
        return await KeyCommands.Run(app.Services, args);

    if (AuditCommands.Takes(args))
    {
        await Database.Prepare(app.Services, development, default);
        await app.Services.CheckKeys(default);
        return await AuditCommands.Run(app.Services, args, development ? dataDirectory : null);
    }

    if (AuthenticationCommands.Takes(args))
    {
        // What a key's owner is called is sealed: under a wrong master key nobody could read it again.
        await Database.Check(app.Services, development, default);
        await app.Services.CheckKeys(default);
        return await AuthenticationCommands.Run(app.Services, args);
    }

    if (JobCommands.Takes(args))
    {
        await Database.Check(app.Services, development, default);
        return await JobCommands.Run(app.Services, args);
    }

    if (PeopleCommands.Takes(args))
    {
        await Database.Check(app.Services, development, default);
        return await PeopleCommands.Run(app.Services, args);
    }

    await prepared;
    await app.Services.ReplayErasures(default);
    var clock = app.Services.GetRequiredService<ClockCheck>();
    var leaves = app.Services.GetRequiredService<LeavesAtStart>();
    await app.RunAsync();
    return clock.HasEndedNode || leaves.HaveEndedNode ? 1 : 0;
}
catch (Exception refused) when (Startup.Refusal(refused) is { } why)
{
    await Console.Error.WriteLineAsync(why);
    return 1;
}
