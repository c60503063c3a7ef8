using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using CooperationEvents.Kernel;
using CooperationEvents.People;
using CooperationEvents.Privacy;
using CooperationEvents.UnitTests.Contracts;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CooperationEvents.UnitTests.Privacy;

public sealed class PersonalDataTests : IDisposable
{
    private static readonly Guid EventId = Given.EventId(7);

    private static readonly PersonRegistered Registered = new(
        Some.Ana,
        Protected.Of("Ana Silva – Ångström"),
        Protected.Of("ana@example.eu"),
        Protected.Of("""{"system":"crm","id":"7"}""")
    );

    private readonly NpgsqlDataSource _nowhere = NpgsqlDataSource.Create("Host=nowhere.invalid");
    private readonly ErasedPeople _erased = new();
    private readonly UnreadableAlarm _alarm;
    private readonly KeyStore _keys;
    private readonly PersonalData _personalData;

    public PersonalDataTests()
    {
        _keys = new KeyStore(
            new KeyDatabase(_nowhere, isOfItsOwn: false),
            MasterKeys.Parse(Convert.ToBase64String(new byte[32]), "here"),
            _erased,
            TimeProvider.System
        );
        Remember(Some.Ana);
        Remember(Some.Ben);
        _alarm = new UnreadableAlarm(NullLogger<UnreadableAlarm>.Instance);
        _personalData = new PersonalData(_keys, _erased, _alarm);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _alarm.Dispose();
        _nowhere.Dispose();
    }

    [Fact]
    public async Task What_is_sealed_opens_again()
    {
        var sealed_ = await Sealed(Registered);
        (await _personalData.Open(sealed_, EventId, "person_registered", default)).ShouldBe(Registered);
    }

    [Fact]
    public async Task A_sealed_event_can_be_stored_and_tells_nothing()
    {
        var json = JsonSerializer.Serialize(await Sealed(Registered), Json.Options);

        json.ShouldNotContain("Silva");
        json.ShouldNotContain("example.eu");
        var read = JsonSerializer.Deserialize<PersonRegistered>(json, Json.Options)!;
        (await _personalData.Open(read, EventId, "person_registered", default)).ShouldBe(Registered);
    }

    [Fact]
    public async Task The_same_text_is_never_sealed_alike() => (await Sealed(Registered)).Name.ShouldNotBe((await Sealed(Registered)).Name);

    [Fact]
    public async Task A_field_that_is_absent_stays_absent()
    {
        var least = await Sealed(new PersonRegistered(Some.Ana, Protected.Of("Ana Silva")));
        least.Email.ShouldBeNull();
        least.ExternalReference.ShouldBeNull();
    }

    [Fact]
    public async Task A_field_opens_by_itself()
    {
        var field = new SealedField(EventId, "person_registered", "email", (await Sealed(Registered)).Email!.Ciphertext!);
        (await _personalData.Open(Some.Ana, field, default)).ShouldBe("ana@example.eu");
    }

    [Fact]
    public async Task A_field_opens_for_its_own_person_event_type_and_name_alone()
    {
        var field = new SealedField(EventId, "person_registered", "email", (await Sealed(Registered)).Email!.Ciphertext!);

        await Refused(Some.Ben, field);
        await Refused(Some.Ana, field with { EventId = Given.EventId(8) });
        await Refused(Some.Ana, field with { EventType = "person_details_corrected" });
        await Refused(Some.Ana, field with { Field = "name" });

        async Task Refused(Guid personId, SealedField moved) => (await _personalData.Open(personId, moved, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_field_that_was_altered_does_not_open()
    {
        var bytes = Convert.FromBase64String((await Sealed(Registered)).Name.Ciphertext!);
        for (var i = 0; i < bytes.Length; i++)
        {
            var altered = (byte[])bytes.Clone();
            altered[i] ^= 1;
            (await Open(altered)).ShouldBeNull();
        }

        (await Open(bytes[..^1])).ShouldBeNull();
        (await Open([])).ShouldBeNull();
        (await Open(bytes)).ShouldBe("Ana Silva – Ångström");

        Task<string?> Open(byte[] ciphertext) =>
            _personalData.Open(
                Some.Ana,
                new SealedField(EventId, "person_registered", "name", Convert.ToBase64String(ciphertext)),
                default
            );
    }

    [Fact]
    public async Task What_was_altered_is_counted()
    {
        var counted = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == "privacy.unreadable")
                    l.EnableMeasurementEvents(instrument, _alarm);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, measured, _, state) => Interlocked.Add(ref counted, measured));
        listener.Start();
        var altered = new SealedField(EventId, "person_registered", "name", Convert.ToBase64String(new byte[40]));

        (await _personalData.Open(Some.Ana, altered, default)).ShouldBeNull();
        (await _personalData.Open(Some.Ana, altered, default)).ShouldBeNull();

        counted.ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task What_is_restricted_opens_for_rules_and_reports_alone()
    {
        Remember(Some.Cem, PersonKeyState.Restricted);
        var sealed_ = (PersonRegistered)
            (await _personalData.Seal(new PersonRegistered(Some.Cem, Protected.Of("Cem")), EventId, "person_registered", default))!;
        var field = new SealedField(EventId, "person_registered", "name", sealed_.Name.Ciphertext!);

        (await _personalData.Open(Some.Cem, field, default)).ShouldBeNull();
        (await _personalData.Open(Some.Cem, field, default, evenRestricted: true)).ShouldBe("Cem");
        (await _personalData.Standing(Some.Cem, default)).ShouldBe(PersonalStanding.Restricted);
    }

    [Fact]
    public async Task Nothing_of_an_erased_person_opens_though_the_key_is_still_in_memory()
    {
        var field = new SealedField(EventId, "person_registered", "email", (await Sealed(Registered)).Email!.Ciphertext!);

        _erased.Add([Some.Ana]);

        (await _personalData.Open(Some.Ana, field, default, evenRestricted: true)).ShouldBeNull();
        (await _personalData.Standing(Some.Ana, default)).ShouldBe(PersonalStanding.Erased);
    }

    [Fact]
    public void Every_personal_field_of_every_event_is_sealed_under_its_own_json_name()
    {
        var events = EventSamples.All.OfType<IHoldPersonalData>().ToArray();
        events.ShouldNotBeEmpty();
        foreach (var e in events)
        {
            var seen = new Dictionary<string, Protected>();
            var changed = e.WithPersonalFields(
                (field, value) =>
                {
                    seen.Add(field, value);
                    return Protected.Sealed("changed");
                }
            );

            var fields = e.GetType().GetProperties().Where(p => p.PropertyType == typeof(Protected)).ToArray();
            seen.Keys.ShouldBe(fields.Select(f => JsonNamingPolicy.CamelCase.ConvertName(f.Name)), ignoreOrder: true, e.GetType().Name);
            foreach (var field in fields)
            {
                seen[JsonNamingPolicy.CamelCase.ConvertName(field.Name)].ShouldBe(field.GetValue(e));
                field.GetValue(changed).ShouldBe(Protected.Sealed("changed"));
            }
        }
    }

    [Fact]
    public void Every_event_with_a_personal_field_says_so() =>
        EventSamples
            .All.Where(e =>
                e is not IHoldPersonalData
                && e.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Any(p => p.PropertyType == typeof(Protected))
            )
            .ShouldBeEmpty();

    private async Task<PersonRegistered> Sealed(PersonRegistered plain) =>
        (PersonRegistered)(await _personalData.Seal(plain, EventId, "person_registered", default))!;

    /// <summary>As if the person's key had just been read; the database is never asked.</summary>
    private void Remember(Guid personId, PersonKeyState state = PersonKeyState.Active) =>
        KeysInMemory(_keys)
            .Set(
                (object)personId,
                ((object)new PersonKey(state, RandomNumberGenerator.GetBytes(32)), TimeProvider.System.GetTimestamp()),
                new MemoryCacheEntryOptions { Size = 1 }
            );

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_cache")]
    private static extern ref MemoryCache KeysInMemory(KeyStore keys);
}
