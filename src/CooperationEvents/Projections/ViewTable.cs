using System.Buffers;
using System.Data.Common;
using System.Reflection;
using Marten;
using Marten.Linq.Members;
using NpgsqlTypes;
using Weasel.Core;
using Weasel.Storage;
using IStorageOperation = Marten.Internal.Operations.IStorageOperation;

namespace CooperationEvents.Projections;

/// <summary>A view, and the version of its stream that it was made of.</summary>
internal sealed record StoredView<TView>(Guid Id, long Version, TView View);

/// <summary>
/// The table in which Marten keeps the views of one kind. Any number of them are stored by one statement, which leaves the columns as
/// Marten's own does: those it has of every document, and the fields that are duplicated.
/// </summary>
internal sealed class ViewTable<TView>
    where TView : class
{
    private readonly string _upsert;
    private readonly MemberInfo _id;
    private readonly IReadOnlyList<DuplicatedField> _duplicated;

    public ViewTable(IReadOnlyStoreOptions options)
    {
        var mapping = options.FindOrResolveDocumentType(typeof(TView));
        _id = mapping.IdMember;
        _duplicated = mapping.DuplicatedFields;
        string[] given = ["id", "data", mapping.Metadata.Revision.Name, .. _duplicated.Select(field => field.ColumnName)];
        string[] alike = [mapping.Metadata.DotNetType.Name, mapping.Metadata.LastModified.Name];
        var columns = string.Join(", ", given);
        var replaced = given.Skip(1).Concat(alike).Select(column => $"{column} = excluded.{column}");
        _upsert = $"""
            insert into {mapping.TableName.QualifiedName} ({columns}, {string.Join(", ", alike)})
            select {columns}, '{typeof(TView).FullName}', transaction_timestamp()
            from unnest({string.Join(", ", given.Select(_ => "?"))}) changed ({columns})
            on conflict (id) do update set {string.Join(", ", replaced)}
            """;
    }

    public Guid Identity(TView view) => (Guid)((PropertyInfo)_id).GetValue(view)!;

    /// <summary>Stores the views, whether there are any of their streams yet or not. No two are of one stream.</summary>
    public IStorageOperation Store(IReadOnlyList<StoredView<TView>> views) => new Upsert(this, views);

    /// <summary>The values of a duplicated field, as an array of its type.</summary>
    private static Array Values(DuplicatedField field, IReadOnlyList<StoredView<TView>> views)
    {
        var member = (PropertyInfo)field.Members.Single();
        var values = Array.CreateInstance(member.PropertyType, views.Count);
        for (var i = 0; i < views.Count; i++)
            values.SetValue(member.GetValue(views[i].View), i);
        return values;
    }

    private sealed class Upsert(ViewTable<TView> table, IReadOnlyList<StoredView<TView>> views) : IStorageOperation, NoDataReturnedCall
    {
        public Type DocumentType => typeof(TView);

        public OperationRole Role() => OperationRole.Upsert;

        public void ConfigureCommand(Weasel.Postgresql.ICommandBuilder builder, IStorageSession session)
        {
            (object Value, NpgsqlDbType Type)[] columns =
            [
                (views.Select(v => v.Id).ToArray(), NpgsqlDbType.Uuid),
                (Json(session.Serializer), NpgsqlDbType.Jsonb),
                (views.Select(v => v.Version).ToArray(), NpgsqlDbType.Bigint),
                .. table._duplicated.Select(field => ((object)Values(field, views), field.DbType)),
            ];
            var parameters = builder.AppendWithParameters(table._upsert, '?');
            foreach (var (parameter, (value, type)) in parameters.Zip(columns))
                (parameter.Value, parameter.NpgsqlDbType) = (value, NpgsqlDbType.Array | type);
        }

        /// <summary>The views as bytes of JSON: as text a large one would be copied twice.</summary>
        private byte[][] Json(IStorageSerializer serializer)
        {
            var (json, all) = (new ArrayBufferWriter<byte>(), new byte[views.Count][]);
            for (var i = 0; i < all.Length; i++)
            {
                json.ResetWrittenCount();
                serializer.WriteTo(json, views[i].View);
                all[i] = json.WrittenSpan.ToArray();
            }

            return all;
        }

        public Task PostprocessAsync(DbDataReader reader, IList<Exception> exceptions, CancellationToken token) => Task.CompletedTask;
    }
}
