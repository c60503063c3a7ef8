using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using CooperationEvents.AuditLog;

namespace CooperationEvents.Audit.TransparencyLog;

/// <summary>Answers with lines of JSON as they come.</summary>
internal sealed class LinesResult(IAsyncEnumerable<string> lines) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = LogEndpoints.Lines;
        await foreach (var line in lines)
        {
            Encoding.UTF8.GetBytes(line, httpContext.Response.BodyWriter);
            httpContext.Response.BodyWriter.Write("\n"u8);
            await Streaming.FlushWhereFull(httpContext.Response.BodyWriter, httpContext.RequestAborted);
        }
    }
}

/// <summary>Answers with entries as they come, each ended by a line feed.</summary>
internal sealed class EntriesResult(IAsyncEnumerable<byte[]?> leaves) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = LogEndpoints.Lines;
        await Streaming.Entries(httpContext.Response.BodyWriter, leaves, httpContext.RequestAborted);
    }
}

/// <summary>
/// Answers with a tar archive. A tar tells each size before the file, so the entries are made twice: once to count them.
/// </summary>
internal sealed class ArchiveResult(PublishedLog log, LogStatement stated) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (body, cancellation) = (httpContext.Response.BodyWriter, httpContext.RequestAborted);
        httpContext.Response.ContentType = "application/x-tar";
        httpContext.Response.Headers.ContentDisposition = "attachment; filename=\"export.tar\"";
        await Small(body, "keys", Encoding.UTF8.GetBytes(stated.Keys), cancellation);
        await Small(body, "checkpoints.ndjson", Encoding.UTF8.GetBytes(stated.Checkpoints), cancellation);

        // Counting takes a while: the caller, and every proxy between, sees that the answer has begun.
        await body.FlushAsync(cancellation);
        var length = 0L;
        await foreach (var leaf in log.Leaves(0, stated.Size, cancellation))
            length += (leaf?.Length ?? 0) + 1;
        TarFormat.Header(body, "entries.ndjson", length);
        var written = await Streaming.Entries(body, log.Leaves(0, stated.Size, cancellation), cancellation);
        if (written != length)
            throw new InvalidDataException("The history changed while it was exported.");
        TarFormat.Pad(body, length);

        foreach (var tile in Tile.All(stated.Size))
            await Small(body, tile.Path, Digest.WriteAll((await log.Tile(tile, cancellation)).Span), cancellation);
        TarFormat.End(body);
        await body.FlushAsync(cancellation);
    }

    private static async Task Small(PipeWriter body, string name, byte[] content, CancellationToken cancellation)
    {
        TarFormat.Header(body, name, content.Length);
        body.Write(content);
        TarFormat.Pad(body, content.Length);
        await Streaming.FlushWhereFull(body, cancellation);
    }
}

internal static class Streaming
{
    private const int Full = 64 * 1024;

    public static async Task FlushWhereFull(PipeWriter body, CancellationToken cancellation)
    {
        if (body.UnflushedBytes >= Full)
            await body.FlushAsync(cancellation);
    }

    /// <summary>Writes entries, and says how many bytes.</summary>
    public static async Task<long> Entries(PipeWriter body, IAsyncEnumerable<byte[]?> leaves, CancellationToken cancellation)
    {
        var written = 0L;
        await foreach (var leaf in leaves)
        {
            body.Write(leaf ?? []);
            body.Write("\n"u8);
            written += (leaf?.Length ?? 0) + 1;
            await FlushWhereFull(body, cancellation);
        }

        return written;
    }
}
