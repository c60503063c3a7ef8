using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CooperationEvents.Authorization;
using CooperationEvents.Calendars.Format;
using CooperationEvents.Files;
using CooperationEvents.Http;
using CooperationEvents.Kernel;
using CooperationEvents.Reading;
using CooperationEvents.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Wolverine.Http;

namespace CooperationEvents.Ingestion.Imports;

/// <summary>Takes in a file of history. It is stored as it comes, sealed and in pieces, and worked on once it is here whole.</summary>
public sealed class ImportUpload(ImportStore store, ImportWorker worker, OnBehalfOf onBehalfOf, DatabaseClock clock, LimitOptions limits)
    : IDisposable
{
    /// <summary>Bytes of the largest mapping.</summary>
    private const int LargestMapping = 256 * 1024;

    private const int MostAtOnce = 8;

    private const int MostAtOnceOfOne = 4;

    /// <summary>What clients say of files they do not know; browsers on Windows say the last of a table of any kind.</summary>
    private static readonly HashSet<string> SayingNothing = new(StringComparer.OrdinalIgnoreCase)
    {
        "application/octet-stream",
        "text/plain",
        OfSpreadsheets,
    };

    /// <summary>What programs say of a table, be it a workbook or text: the file shows which.</summary>
    private const string OfSpreadsheets = "application/vnd.ms-excel";

    private const string Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <summary>Workbooks, which are no text.</summary>
    private static readonly HashSet<string> Workbooks = new(StringComparer.OrdinalIgnoreCase)
    {
        Workbook,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
        "application/vnd.ms-excel.sheet.macroenabled.12",
        "application/vnd.ms-excel.sheet.binary.macroenabled.12",
        "application/vnd.oasis.opendocument.spreadsheet",
    };

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly SemaphoreSlim _uploads = new(MostAtOnce);
    private readonly ConcurrentDictionary<Guid, int> _uploadsOfOne = new();

    private readonly long _largestFile = limits.ImportBytes;

    public async Task<IResult> Answer(HttpContext http)
    {
        var query = new QueryParameters(http.Request.Query);
        var mode = query.Word<ImportMode>("mode") ?? ImportMode.Partial;
        var dryRun = query.OneOf("dryRun", "true", "false") == "true";
        var kind = query.OneOf("kind", [.. CsvKinds.All.Keys]);
        var system = query.Text("system");
        if (query.Fault() is { } fault)
            return ProblemResult.Of(fault);
        var (caller, wrong) = CommandHeaders.CallerOf(http);
        if (caller?.OnBehalfOf is { } named)
            wrong = await onBehalfOf.Refuse(http, named);
        if (wrong is not null)
            return ProblemResult.Of(wrong);
        using var ofOne = OneMoreOf(caller!.Actor);
        if (ofOne is null)
            return ProblemResult.Of(
                KernelProblems.TooManyRequests.Because(
                    $"One caller sends {MostAtOnceOfOne} files at once, and no more. Send this one when another is in."
                ) with
                {
                    RetryAfter = 5,
                }
            );
        if (!await _uploads.WaitAsync(TimeSpan.Zero, http.RequestAborted))
            return ProblemResult.Of(
                KernelProblems.Busy.Because("Too many files are coming in. Send this one again.") with
                {
                    RetryAfter = 5,
                }
            );
        try
        {
            http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
            var (file, refused) = await FileOf(http.Request, kind, system, http.RequestAborted);
            if (refused is not null)
                return ProblemResult.Of(refused);
            var id = Guid.CreateVersion7();
            var import = new Import(
                id,
                ImportState.Uploading,
                file!.Format,
                mode,
                dryRun,
                new FileEncoding("utf-8", EncodingBasis.Format),
                file.Mapping,
                caller!.Actor,
                [.. Scopes.All.Where(http.User.Has)],
                caller.OnBehalfOf,
                caller.Source,
                http.Request.Headers.ContainsKey(CommandHeaders.Correlation) ? caller.Correlation : id.ToString(),
                await clock.Now(http.RequestAborted),
                null,
                0,
                ImportCounts.None,
                null,
                DeclaredMethod: file.Method
            );
            await store.Create(import, http.RequestAborted);
            if (await Store(id, file, http.RequestAborted) is { } untaken)
                return ProblemResult.Of(untaken);
            worker.Call();
            http.Response.Headers.Location = $"/v1/imports/{id}";
            return await ImportAnswer.Answer((await store.Find(id, http.RequestAborted))!, [], store, http, status: 202);
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException and not BadHttpRequestException))
        {
            return ProblemResult.Of(
                KernelProblems.Unreadable.Because(
                    "The multipart body cannot be read: it ends within a part, or is not in the form that its Content-Type says."
                )
            );
        }
        finally
        {
            _uploads.Release();
        }
    }

    public void Dispose() => _uploads.Dispose();

    /// <summary>One more file of a caller, until it is disposed of; null where that is too many.</summary>
    private Upload? OneMoreOf(Guid caller)
    {
        var upload = new Upload(_uploadsOfOne, caller);
        if (_uploadsOfOne.AddOrUpdate(caller, 1, (_, files) => files + 1) <= MostAtOnceOfOne)
            return upload;
        upload.Dispose();
        return null;
    }

    /// <summary>Stores the file in pieces; on the way out of anything else than success nothing of the import is left.</summary>
    private async Task<Problem?> Store(Guid id, Posted file, CancellationToken cancellation)
    {
        var whole = false;
        try
        {
            var detector = new EncodingDetector(file.Charset, isUtf8: file.Format != ImportFormat.Csv);
            var piece = new byte[ImportFile.PieceSize];
            var (number, bytes) = (0, 0L);
            while (true)
            {
                var read = await file.Content.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellation);
                if (read == 0)
                    break;
                detector.Look(piece.AsSpan(0, read));
                bytes += read;
                if (bytes > _largestFile)
                    return KernelProblems.TooLarge.Because($"The file is larger than {_largestFile} bytes. Split it.");
                await store.AddPiece(id, number++, piece.AsMemory(0, read), cancellation);
            }

            if (file.Parts is not null && await file.Parts.ReadNextSectionAsync(cancellation) is { } more)
                return Unexpected(NameOf(more));
            var (encoding, unknown) = detector.Find();
            if (encoding is null)
                return unknown;
            await store.Queue(id, bytes, encoding, cancellation);
            whole = true;
            return null;
        }
        finally
        {
            if (!whole)
                await store.Delete(id, CancellationToken.None);
        }
    }

    private static async Task<(Posted? File, Problem? Problem)> FileOf(
        HttpRequest request,
        string? kind,
        string? system,
        CancellationToken cancellation
    )
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            return (null, Unsupported());
        if (type.MediaType != "multipart/form-data")
            return Declared(Read(type.MediaType.Value!, null, kind, system, request.Body), request.ContentType);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 70)
            return (null, KernelProblems.Unreadable.Because("The multipart body names no boundary."));

        var parts = new MultipartReader(boundary, request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
        string? mapping = null;
        while (true)
        {
            if (await parts.ReadNextSectionAsync(cancellation) is not { } part)
                return (null, KernelProblems.Invalid.At("/file", "The part 'file' is missing."));
            var name = NameOf(part);
            switch (name)
            {
                case "mapping" when mapping is null:
                    (mapping, var untaken) = await MappingOf(part, cancellation);
                    if (untaken is not null)
                        return (null, untaken);
                    break;
                case "file":
                    var fileName = HeaderUtilities.RemoveQuotes(part.GetContentDispositionHeader()!.FileName).Value ?? "";
                    var read = Read(MediaTypeOf(part.ContentType, fileName), mapping, kind, system, part.Body);
                    var (file, refused) = Declared(read, part.ContentType);
                    return (file is null ? null : file with { Parts = parts }, refused);
                default:
                    return (null, Unexpected(name));
            }
        }
    }

    private static string? NameOf(MultipartSection part) =>
        part.GetContentDispositionHeader() is { } disposition ? HeaderUtilities.RemoveQuotes(disposition.Name).Value : null;

    private static Problem Unexpected(string? part) =>
        KernelProblems.Invalid.At("/" + part, "Send the part 'mapping', once, and then the part 'file', once, and no others.");

    /// <summary>The text of the part that holds the mapping: UTF-8, where its media type declares nothing else.</summary>
    private static async Task<(string? Mapping, Problem? Problem)> MappingOf(MultipartSection part, CancellationToken cancellation)
    {
        var charset = CharsetOf(part.ContentType);
        if ((charset.Length == 0 ? Utf8 : FileTextStream.Find(charset)) is not { } encoding)
            return (null, UnknownEncoding(charset));
        using var reader = new StreamReader(part.Body, encoding);
        var text = new char[LargestMapping + 1];
        try
        {
            var length = await reader.ReadBlockAsync(text, cancellation);
            return length > LargestMapping
                ? (null, KernelProblems.TooLarge.Because($"The mapping is larger than {LargestMapping} characters."))
                : (new string(text, 0, length), null);
        }
        catch (DecoderFallbackException)
        {
            return (null, KernelProblems.Unreadable.Because("The mapping is not UTF-8, and its part declares no other charset."));
        }
    }

    private static string CharsetOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) ? HeaderUtilities.RemoveQuotes(type.Charset).Value ?? "" : "";

    private static Problem UnknownEncoding(string charset) =>
        KernelProblems.UnsupportedMediaType.Because(
            $"There is no encoding '{charset}' here. Give its name by IANA as charset, such as utf-8, windows-1250 or iso-8859-2."
        );

    /// <summary>The file in the encoding and, of a calendar, with the method that its media type declares, where it does.</summary>
    private static (Posted? File, Problem? Problem) Declared((Posted? File, Problem? Problem) read, string? contentType)
    {
        if (read.File is not { } file)
            return read;
        if (file.Format == ImportFormat.Calendar)
            file = file with { Method = MethodOf(contentType) };
        var charset = CharsetOf(contentType);
        return charset.Length == 0 ? (file, null)
            : FileTextStream.Find(charset) is { } encoding ? (file with { Charset = encoding.WebName }, null)
            : (null, UnknownEncoding(charset));
    }

    private static string? MethodOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.Parameters.FirstOrDefault(p => p.Name.Equals("method", StringComparison.OrdinalIgnoreCase)) is { } method
        && HeaderUtilities.RemoveQuotes(method.Value).Value is { Length: > 0 } value
            ? value.ToUpperInvariant()
            : null;

    private static (Posted? File, Problem? Problem) Read(string mediaType, string? mapping, string? kind, string? system, Stream content)
    {
        switch (mediaType.ToLowerInvariant())
        {
            case "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines":
                return mapping is not null || kind is not null || system is not null
                    ? (null, KernelProblems.Invalid.Because("Lines of commands need no mapping, kind or system."))
                    : (new Posted(ImportFormat.Commands, null, content), null);
            case CalendarText.MediaType:
                if (kind is not null || system is not null)
                    return (
                        null,
                        KernelProblems.Invalid.At(
                            kind is null ? "/system" : "/kind",
                            "A calendar has no kind and no system in the query; its part 'mapping' says what its events are."
                        )
                    );
                return mapping is null
                    ? (
                        null,
                        KernelProblems.Invalid.At(
                            "/mapping",
                            "Say by a part 'mapping' (multipart/form-data), before the part 'file', under which framework and level the "
                                + "calendar's events are meetings."
                        )
                    )
                    : Read(ImportFormat.Calendar, mapping, CalendarRows.Fault, content);
            case var workbook when Workbooks.Contains(workbook):
                return (null, KernelProblems.UnsupportedMediaType.Because(EncodingDetector.NoWorkbook));
            case "text/csv" or "text/tab-separated-values" or OfSpreadsheets:
                return (mapping, kind) switch
                {
                    (null, { } rows) => Read(rows, system, content),
                    ({ }, null) when system is not null => (
                        null,
                        KernelProblems.Invalid.At(
                            "/system",
                            "Beside a part 'mapping' there is no parameter 'system': the mapping says whose references the cells are."
                        )
                    ),
                    ({ } fields, null) => Read(ImportFormat.Csv, fields, json => CsvMapping.Read(json).Problem, content),
                    (null, null) => (
                        null,
                        KernelProblems.Invalid.At(
                            "/kind",
                            "Say what the rows are: by a part 'mapping' (multipart/form-data), before the part 'file', or by the parameter "
                                + $"'kind', which is one of {string.Join(", ", CsvKinds.All.Keys)}."
                        )
                    ),
                    _ => (null, KernelProblems.Invalid.At("/kind", "Say what the rows are by a part 'mapping' or by kind, and not both.")),
                };
            default:
                return (null, Unsupported());
        }
    }

    private static (Posted? File, Problem? Problem) Read(string kind, string? system, Stream content)
    {
        var mapping = CsvKinds.Mapping(kind, system);
        return CsvMapping.Read(JsonDocument.Parse(mapping).RootElement).Problem is { } invalid
            ? (null, invalid)
            : (new Posted(ImportFormat.Csv, mapping, content), null);
    }

    private static (Posted? File, Problem? Problem) Read(
        ImportFormat format,
        string mapping,
        Func<JsonElement, Problem?> faultIn,
        Stream content
    )
    {
        var (json, unreadable) = JsonBody.Parse(Encoding.UTF8.GetBytes(mapping));
        if (unreadable is not null)
            return (null, KernelProblems.Unreadable.Because($"The mapping is not JSON: {unreadable.Detail}"));
        if (!JsonBody.IsUnicode(json))
            return (null, KernelProblems.Unreadable.Because("The mapping is not JSON: a text in it holds half of a surrogate pair."));
        return faultIn(json) is { } invalid ? (null, invalid.Under("/mapping")) : (new Posted(format, mapping, content), null);
    }

    /// <summary>What a part says it is; where a client says nothing of use, what its file name says.</summary>
    private static string MediaTypeOf(string? contentType, string fileName) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && !SayingNothing.Contains(type.MediaType.Value!)
            ? type.MediaType.Value!
            : Path.GetExtension(fileName).ToLowerInvariant() switch
            {
                ".csv" => "text/csv",
                ".tsv" or ".tab" or ".txt" => "text/tab-separated-values",
                ".xls" => OfSpreadsheets,
                ".xlsx" or ".xlsm" or ".xlsb" or ".ods" => Workbook,
                ".ics" => CalendarText.MediaType,
                ".ndjson" or ".jsonl" => "application/x-ndjson",
                _ => "",
            };

    private static Problem Unsupported() =>
        KernelProblems.UnsupportedMediaType.Because(
            "Send application/x-ndjson, text/csv, text/tab-separated-values or text/calendar; or multipart/form-data with the parts "
                + "'mapping' and 'file'."
        );

    private sealed class Upload(ConcurrentDictionary<Guid, int> ofOne, Guid caller) : IDisposable
    {
        public void Dispose()
        {
            if (ofOne.AddOrUpdate(caller, 0, (_, files) => files - 1) <= 0)
                ofOne.TryRemove(new KeyValuePair<Guid, int>(caller, 0));
        }
    }

    /// <param name="Parts">What holds the content and may hold more after it; null where the content is the whole body.</param>
    private sealed record Posted(
        ImportFormat Format,
        string? Mapping,
        Stream Content,
        string? Charset = null,
        MultipartReader? Parts = null,
        string? Method = null
    );
}

public static class PostImportEndpoint
{
    [WolverinePost("/v1/imports", OperationId = "post-import"), TakesImport, Unlimited]
    public static Task<IResult> Post(HttpContext http, ImportUpload upload) => upload.Answer(http);
}
