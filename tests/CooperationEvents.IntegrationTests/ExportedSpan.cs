using System.Buffers.Binary;
using System.Text;
using CooperationEvents.Testing;

namespace CooperationEvents.IntegrationTests;

/// <summary>A span as a collector gets it (OTLP over HTTP, in protobuf).</summary>
/// <param name="Parent">Null for the first span of a trace.</param>
/// <param name="IsOfClient">Whether it is of what the service asks somebody else, such as a statement.</param>
/// <param name="Start">In nanoseconds since 1970.</param>
/// <param name="Links">The traces it is linked to.</param>
internal sealed record ExportedSpan(
    string Trace,
    string Id,
    string? Parent,
    string Name,
    bool IsOfClient,
    ulong Start,
    IReadOnlyList<string> Links
)
{
    private const ulong Client = 3;

    /// <summary>All that a collector was sent so far.</summary>
    public static IReadOnlyList<ExportedSpan> In(Receiver collector) =>
        [
            .. from received in collector.Taken
            where received.Path == "/v1/traces"
            from resource in Messages(received.Body, 1)
            from scope in Messages(resource, 2)
            from span in Messages(scope, 2)
            select Of(span),
        ];

    private static ExportedSpan Of(ReadOnlyMemory<byte> message)
    {
        var fields = Fields(message).ToList();
        var parent = Hex(4);
        return new ExportedSpan(
            Hex(1),
            Hex(2),
            parent.Length == 0 ? null : parent,
            Encoding.UTF8.GetString(Bytes(5).Span),
            fields.Any(field => field is { Number: 6, Value: Client }),
            fields.First(field => field.Number == 7).Value,
            [.. Messages(message, 13).Select(link => Convert.ToHexString(Messages(link, 1).Single().Span))]
        );

        ReadOnlyMemory<byte> Bytes(int number) => fields.FirstOrDefault(field => field.Number == number).Bytes;

        string Hex(int number) => Convert.ToHexString(Bytes(number).Span);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(field => field.Bytes);

    private static IEnumerable<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> left)
    {
        while (left.Length > 0)
        {
            var tag = Varint(ref left);
            var (value, bytes) = (0UL, ReadOnlyMemory<byte>.Empty);
            switch (tag & 7)
            {
                case 0:
                    value = Varint(ref left);
                    break;
                case 1:
                    value = BinaryPrimitives.ReadUInt64LittleEndian(left.Span);
                    left = left[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref left);
                    (bytes, left) = (left[..length], left[length..]);
                    break;
                case 5:
                    value = BinaryPrimitives.ReadUInt32LittleEndian(left.Span);
                    left = left[4..];
                    break;
                default:
                    throw new FormatException($"Wire type {tag & 7}");
            }

            yield return ((int)(tag >> 3), value, bytes);
        }
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> left)
    {
        var value = 0UL;
        for (var (at, shift) = (0, 0); ; at++, shift += 7)
        {
            value |= (ulong)(left.Span[at] & 0x7f) << shift;
            if (left.Span[at] >= 0x80)
                continue;
            left = left[(at + 1)..];
            return value;
        }
    }
}
