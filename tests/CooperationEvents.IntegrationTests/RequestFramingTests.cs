using System.Net.Sockets;
using System.Text;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>
/// Requests of which it is in doubt where they end, byte by byte, as the server itself reads them. What it took otherwise than a
/// proxy before it could hide a second request.
/// </summary>
public sealed class RequestFramingTests
{
    private const string Body = """{"name":"Ferry Board","shortName":"FB"}""";

    [Fact]
    public async Task A_request_whose_length_is_in_doubt_is_refused_and_the_connection_ends_and_who_sends_too_much_is_told_so()
    {
        await using var database = await TestDatabase.Create();
        var data = Directory.CreateTempSubdirectory("cooperation-test-").FullName;
        try
        {
            await using var service = await ServiceProcess.Start(database, data);
            var chunked = $"{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n";

            (await Statuses(service, [$"Content-Length: {Body.Length}"], Body)).ShouldBe(["201"]);
            (await Statuses(service, ["Transfer-Encoding: chunked"], chunked)).ShouldBe(["201"]);
            foreach (var pieces in new string[][] { [Body], ["", Body], [Body[..7], Body[7..]] })
            {
                var answer = await Answer(service, [$"Content-Length: {Body.Length}"], pieces);
                answer.ShouldStartWith("HTTP/1.1 201 ");
                answer.ShouldContain($"Content-Length: {answer.Split("\r\n\r\n")[1].Length}\r\n");
                answer.ShouldNotContain("Transfer-Encoding");
            }

            foreach (
                var (headers, body) in new (string[] Headers, string Body)[]
                {
                    ([$"Content-Length: {Body.Length}", $"Content-Length: {Body.Length}"], Body),
                    ([$"Content-Length: {Body.Length}", "Content-Length: 4"], Body),
                    ([$"Content-Length: {Body.Length}, {Body.Length}"], Body),
                    ([$"Content-Length: {Body.Length}", "Transfer-Encoding: chunked"], chunked),
                    (["Transfer-Encoding: chunked", "Content-Length: 4"], chunked),
                    (["Transfer-Encoding: chunked, identity"], chunked),
                    (["Transfer-Encoding: xchunked"], chunked),
                    (["Transfer-Encoding: gzip, chunked"], chunked),
                    (["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], chunked),
                    (["Transfer-Encoding: chunked, chunked"], chunked),
                    (["Content-Length: -1"], Body),
                }
            )
            {
                var statuses = await Statuses(service, headers, body);
                statuses.ShouldBe([statuses[0]], string.Join(", ", headers));
                statuses[0].ShouldBeOneOf(["400", "501"], string.Join(", ", headers));
            }

            var large = new string(' ', 3 * Http.JsonBody.Limit);
            (await Statuses(service, [$"Content-Length: {large.Length}"], large)).ShouldBe(["413"]);
            (await Statuses(service, ["Transfer-Encoding: chunked"], $"{large.Length:x}\r\n{large}\r\n0\r\n\r\n")).ShouldBe(["413"]);

            (await database.Scalar<long>("select count(*) from register.mt_events where type = 'organisation_registered'")).ShouldBe(5);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>The status of each answer to what is sent, until the service ends the connection.</summary>
    private static async Task<IReadOnlyList<string>> Statuses(ServiceProcess service, string[] headers, string body)
    {
        var statusLines = (await Answer(service, headers, body))
            .Split('\n')
            .Where(line => line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal));
        return [.. statusLines.Select(line => line.Split(' ')[1])];
    }

    /// <summary>All that is answered to a body whose pieces are sent one by one, the first with the headers.</summary>
    private static async Task<string> Answer(ServiceProcess service, string[] headers, params string[] pieces)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(service.Url.Host, service.Url.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var head =
            $"POST /v1/organisations HTTP/1.1\r\nHost: {service.Url.Authority}\r\nX-Api-Key: {service.Key("recorder")}\r\n"
            + $"Content-Type: application/json\r\nConnection: close\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n";
        foreach (var piece in pieces.Skip(1).Prepend(head + pieces[0]))
            await stream.WriteAsync(Encoding.ASCII.GetBytes(piece), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
