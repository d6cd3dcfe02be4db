"""The derived facts under the hundred rules, written by hand from `content/derivations`.

Of these facts `hormonally_functional`, `liver_metastasis_type`, `primary_status`, `primary_venous_drainage`, `ned_status`,
the two degrees of carcinoid heart disease, `liver_recurrence_after_surgery` and `ned_reached_by_surgery` can be entered.
"""

from __future__ import annotations

from benchmarks.by_hand import UNKNOWN, above, at_least, at_most, below, differ, entered, entered_code, exactly, fact, has, named

# grade.yaml
nec = has("governing_who_class", "NEC")
well_differentiated_1_or_2 = has("governing_who_class", "NET_G1", "NET_G2")
net_g3 = has("governing_who_class", "NET_G3")
grade_1 = has("governing_who_class", "NET_G1")
grade_3 = ~well_differentiated_1_or_2
grade_discordant = differ("primary_who_class", "metastasis_who_class")
low_ki67 = below("governing_ki67_percent", 2)

# primary.yaml
operated = fact("primary_operation_done")
primary_resected = entered_code("primary_status", "resected", computed=operated)
primary_ablated = entered_code("primary_status", "ablated", computed=~operated & UNKNOWN)
primary_not_found = entered_code("primary_status", "not_found", computed=~operated & UNKNOWN)
portal_site = has("primary_site", "pancreas", "stomach", "duodenum", "jejunum", "ileum", "appendix", "colon")
drains_elsewhere = entered_code("primary_venous_drainage", "non_portal", computed=~portal_site & UNKNOWN)
appendix_exception = named(
    "is_appendix_exception",
    has("primary_site", "appendix") & ~nec & (at_most("primary_diameter_mm", 10) | has("t_category", "T1")),
)

# markers.yaml
hormonally_functional = entered("hormonally_functional", ~has("hormone_syndrome", "none"))
a_degree = fact("carcinoid_heart_disease_present") & UNKNOWN
advanced_heart_disease = entered("carcinoid_heart_disease_advanced", a_degree)
severe_heart_disease = entered("carcinoid_heart_disease_severe", a_degree)

# liver.yaml: the type of the liver metastases, row by row
_single = named(
    "is_single",
    exactly("liver_metastases_count", 1) & ~fact("several_by_pattern"),
)
_both_lobes = has("liver_lobes_involved", "both")
_bulk = named(
    "is_bulk",
    has("liver_metastases_pattern", "dominant_bulk_with_small_deposits") & _both_lobes,
)
_disseminated = named(
    "is_disseminated",
    has("liver_metastases_pattern", "dominant_bulk_with_small_deposits", "disseminated") & _both_lobes,
)
_counted = above("liver_metastases_count", 1)
_single_pattern = has("liver_metastases_pattern", "single")
_several_pattern = has("liver_metastases_pattern", "dominant_bulk_with_small_deposits", "disseminated", "other_multiple")
type_1 = entered_code(
    "liver_metastasis_type",
    "I",
    computed=_single | (~_bulk & ~_disseminated & ~_counted & (_single_pattern | (~_several_pattern & UNKNOWN))),
)
type_2 = entered_code(
    "liver_metastasis_type",
    "II",
    computed=~_single & (_bulk | (~_disseminated & ~_counted & ~_single_pattern & ~_several_pattern & UNKNOWN)),
)
type_3 = entered_code(
    "liver_metastasis_type",
    "III",
    computed=~_single & ~_bulk & (_disseminated | (~_counted & ~_single_pattern & ~_several_pattern & UNKNOWN)),
)
type_1_or_2 = entered_code(
    "liver_metastasis_type",
    "I",
    "II",
    computed=_single | _bulk | (~_disseminated & ~_counted & (_single_pattern | (~_several_pattern & UNKNOWN))),
)
type_unclassified = entered_code(
    "liver_metastasis_type",
    "unclassified",
    computed=~_single & ~_bulk & ~_disseminated & (_counted | (~_single_pattern & (_several_pattern | UNKNOWN))),
)

# liver.yaml: what can be removed
not_completely_resectable = has("liver_resectability", "unresectable", "cytoreductive_only")
completely_resectable = has("liver_resectability", "complete")
margin_r0_or_r1 = has("expected_liver_margin", "R0", "R1")
liver_resectable_2023 = named(
    "is_liver_resectable_2023",
    margin_r0_or_r1 & at_least("future_liver_remnant_percent", 30),
)
limited_liver_metastases = at_most("liver_metastases_count", 4) & below("largest_liver_metastasis_mm", 50)
type3_conversion_promising = named(
    "is_type3_conversion_promising",
    (well_differentiated_1_or_2 | (net_g3 & fact("selected_g3")))
    & fact("ned_promising_after_conversion")
    & at_least("functional_liver_remnant_percent", 30),
)
type3_potentially_resectable = named(
    "is_type3_potentially_resectable",
    ~type_1_or_2 & ((type_3 & type3_conversion_promising) | (~type_3 & type3_conversion_promising & UNKNOWN)),
)
type3_pattern_2 = named(
    "is_type3_pattern_2",
    fact("mets_mostly_in_3_segments_or_1_lobe") & fact("outside_mets_oligometastatic") & fact("outside_mets_treatable"),
)
type3_pattern_3 = named(
    "is_type3_pattern_3",
    fact("ned_by_sparing_resection_plus_ablation") & above("functional_liver_remnant_percent", 30),
)
conversion_candidate = named(
    "is_conversion_candidate",
    ~nec
    & ~fact("ned_achievable_initially")
    & ~type_1
    & ~above("initial_expected_debulking_percent", 90)
    & (type_2 | (type_3 & type3_potentially_resectable) | (~type_3 & UNKNOWN)),
)

# liver.yaml: disease outside the liver
extrahepatic = fact("extrahepatic_metastases_present")
extrahepatic_resectable = extrahepatic & fact("extrahepatic_resectable")
extrahepatic_unresectable = named(
    "is_extrahepatic_unresectable",
    extrahepatic & ~fact("extrahepatic_resectable"),
)
extrahepatic_none_or_resectable = ~extrahepatic | fact("extrahepatic_resectable")

# treatment.yaml
ned_status = entered("ned_status", ~(fact("liver_metastases_present") & ~fact("liver_state_may_be_outdated")) & UNKNOWN)
ned_reached_by_surgery = entered("ned_reached_by_surgery", ned_status & fact("operation_on_liver_done"))
liver_recurrence_after_surgery = entered(
    "liver_recurrence_after_surgery",
    (fact("local_recurrence") | fact("new_liver_metastases")) & fact("operation_on_liver_done"),
)
combined_local_systemic_candidate = (
    (liver_recurrence_after_surgery & fact("repeat_local_treatment_impossible") & fact("liver_reserve_limited"))
    | fact("surgery_contraindicated")
    | (type_3 & fact("selected_type3_for_combined_treatment"))
    | fact("elderly_for_combined_treatment")
)

# surgery.yaml, transplantation.yaml
favourable_for_spleen_preservation = (
    (fact("sporadic") & fact("low_risk_for_spleen_preservation") & fact("occult_nodal_metastasis_unlikely"))
    | fact("predicted_favourable_survival")
    | fact("young_for_spleen_preservation")
)
milan_1 = ~extrahepatic
milan_2 = well_differentiated_1_or_2 & below("governing_ki67_percent", 10)
milan_3 = primary_resected
milan_4 = below("liver_tumour_burden_percent", 50)
milan_5 = named(
    "is_milan_5",
    at_least("stable_disease_months", 6) & ~fact("progression_recorded"),
)
milan_6 = below("age_years", 60)
milan_net_met = milan_1 & milan_2 & milan_3 & milan_4 & milan_5 & milan_6
transplant_contraindicated_first_list = named(
    "is_transplant_contraindicated_first_list",
    nec | drains_elsewhere | (extrahepatic & ~fact("extrahepatic_only_perihilar_nodes")) | severe_heart_disease,
)

# contradictions.yaml
cleared_on_record = named(
    "is_cleared_on_record",
    fact("ned_recorded") & ~fact("ned_status_disputed"),
)
