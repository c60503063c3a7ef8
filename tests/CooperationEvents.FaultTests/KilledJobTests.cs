using System.Globalization;
using CooperationEvents.Testing;

namespace CooperationEvents.FaultTests;

/// <summary>A job whose node is killed is another node's, or that of the same one once it is back.</summary>
public sealed class KilledJobTests
{
    private const string Done = "select exists (select from register.mt_events where type = 'audit_access_sealed')";

    private static readonly (string, string?)[] Quick = [("Jobs__PaceSeconds", "0.5")];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_whose_node_is_killed_is_done_by_another_one_or_after_a_restart(bool another)
    {
        await using var database = await TestDatabase.Create();
        using var data = new DataDirectory();
        await using var killed = await Start(database, data);
        await database.Rows(
            """
            insert into audit.access (at, reader, request)
            values (now() - interval '1 day', gen_random_uuid(), 'GET /v1/audit/events')
            """
        );

        // Nobody reads the journal while this lasts, so the job has begun and is not over.
        await using var holding = await database.Source.OpenConnectionAsync();
        var held = await holding.BeginTransactionAsync();
        await new Npgsql.NpgsqlCommand("lock table audit.access in access exclusive mode", holding, held).ExecuteNonQueryAsync();
        await Wait.Until("the job to be scheduled", async () => await database.Scalar<long>(
                """
                with due as (
                    update jobs.wolverine_incoming_envelopes set execution_time = now()
                    where status = 'Scheduled' and message_type like '%SealReadings' returning id
                )
                select count(*) from due
                """
            ) > 0);
        await Wait.Until("the job to have begun", () => IsRunning(database));
        ServiceProcess? other = another ? await Start(database, data) : null;
        killed.Kill();
        await held.RollbackAsync();
        await using var last = other ?? await Start(database, data);
        var took = await Wait.Until("the job to be done", () => database.Scalar<bool>(Done));

        Figures.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The job was done {took.TotalSeconds:f1} s after {(another ? "its node was killed" : "its node was ready again")}"
            )
        );
    }

    private static async Task<ServiceProcess> Start(TestDatabase database, DataDirectory data)
    {
        var service = ServiceProcess.Launch(database, data.Path, Quick);
        await service.Ready();
        return service;
    }

    private static Task<bool> IsRunning(TestDatabase database) =>
        database.Scalar<bool>(
            """
            select exists (select from pg_locks where relation = 'audit.access'::regclass and not granted
                and database = (select oid from pg_database where datname = current_database()))
            """
        );
}
