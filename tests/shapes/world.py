"""A small repository in which every kind has a record, and every field a value that is as it should be."""

from __future__ import annotations

NAMES = 'skos:prefLabel "Name"@en , "Nombre"@es , "Nom"@fr , "الاسم"@ar'
TEXT = '"A text of more than forty characters, as it should be."@en'
SEEN = "dcterms:source <https://example.org/seen> ; escr:editorial skos:prefLabel"
DERIVED = 'escr:earliest "2013-01-01"^^xsd:date ; escr:latest "2013-12-31"^^xsd:date'
ENTRY = "skos:inScheme <id/scheme/list> ; skos:topConceptOf <id/scheme/list>"
MATCH = "skos:exactMatch <https://example.org/same> ; skos:closeMatch <https://example.org/near>"
ABOUT = "dcterms:subject <id/right/food> ; escr:usesMethod <id/method/opera> ; escr:country <id/country/gtm>"

RESOURCE = f"""
<id/resource/paper> a escr:Resource ; dcterms:title "A work"@en , "Une œuvre"@fr ; dcterms:alternative "Other"@en ;
  dcterms:type <id/scheme/resource-type/report> ; dcterms:abstract {TEXT} ; dcterms:issued "2009"^^edtf:EDTF ;
  dcterms:language <http://publications.europa.eu/resource/authority/language/ENG> ;
  dcterms:creator <id/person/ana-paz> , <id/organization/cesr> ; dcterms:publisher <id/organization/cesr> ;
  prov:qualifiedAttribution <id/resource/paper/contribution/1> ; dcterms:isPartOf <id/journal/review> ; {ABOUT} ;
  escr:region <id/region/americas> ; foaf:page <https://example.org/work> ; bibo:doi "10.1353/hrq.2017.0036" ;
  bibo:isbn13 "978-0-19-973551-8" ; bibo:isbn10 "980-07-8105-6" ; escr:unSymbol "E/C.12/GC/20" ;
  bibo:translationOf <id/resource/covenant> ; dcterms:isReplacedBy <id/resource/covenant> ;
  dcterms:license <https://example.org/licence> ; dcterms:accessRights <https://example.org/open> ; {MATCH} ;
  {SEEN} ; {DERIVED} .
<id/resource/paper/contribution/1> a prov:Attribution ; prov:agent <id/person/ana-paz> ; escr:position 1 .
<id/resource/covenant> a escr:Resource ; dcterms:title "Covenant"@en ;
  dcterms:type <id/scheme/resource-type/standard> ;
  dcterms:abstract {TEXT} ; dcterms:issued "1966-12-16"^^edtf:EDTF ; dcterms:publisher <id/organization/cesr> ;
  dcterms:subject <id/right/food> ; foaf:page <https://example.org/covenant> ;
  dcterms:source <https://example.org/seen> .
<id/journal/review> a escr:Journal ; dcterms:title "Review" ; {SEEN} .
<id/dataset/library> a dcat:Dataset ; dcterms:title "Library"@en ; dcterms:description "All."@en ;
  dcat:version "1.0.0" ; dcterms:issued "2026-11-24"^^xsd:date ; dcterms:license <https://example.org/licence> .
<id/dataset/links> a dcat:Dataset ; dcterms:title "Links"@en ; dcterms:description "Links."@en ; dcat:version "1.0.0" ;
  dcterms:issued "2026-11-24"^^xsd:date ; dcterms:license <https://example.org/licence> ; dcterms:identifier "links" ;
  dcat:inSeries <id/dataset/library> ; dcterms:isPartOf <id/dataset/library> ; void:linkPredicate skos:exactMatch ;
  void:subjectsTarget <id/dataset/library> ; void:objectsTarget <https://example.org/> ; void:triples 3 ;
  escr:namedGraph <graph/links> ; dcterms:source <https://example.org/seen> .
<id/person/ana-paz> a foaf:Person ; foaf:name "Ana Paz" ; foaf:familyName "Paz" ; foaf:givenName "Ana" ;
  escr:publicRole "author"@en ; {SEEN} .
"""
ORGANIZATION = f"""
<id/organization/cesr> a org:Organization ; skos:prefLabel "Center"@en ; skos:altLabel "Centro"@es ;
  skos:hiddenLabel "Unit" ;
  escr:acronym "CESR" ; org:classification <id/scheme/organization-type/ngo> ; dcterms:description {TEXT} ;
  org:hasMembership <id/organization/cesr/membership/coordinator> ;
  escr:country <id/country/gtm> ; foaf:homepage <https://example.org/> ;
  escr:recordStatus <id/scheme/record-status/full> ; {SEEN} .
<id/organization/cesr/membership/coordinator> a org:Membership ; org:member <id/organization/cesr> ;
  org:organization <id/organization/cesr> ; org:role <id/scheme/organization-role/coordinator> ;
  escr:since "2013"^^edtf:EDTF ; {DERIVED} .
"""
VOCABULARY = f"""
<id/method/opera> a escr:Method , skos:Concept ; {NAMES} ; skos:definition "How."@en ; skos:notation "opera" ;
  skos:broader <id/method/frameworks> ; skos:related <id/method/frameworks> ; escr:suits <id/obligation/fulfil> ;
  escr:developedBy <id/organization/cesr> ; escr:firstDescribed "199X"^^edtf:EDTF ; {ENTRY} ; {MATCH} ; {SEEN} ;
  {DERIVED} ;
  escr:step <id/method/opera/step/1> , <id/method/opera/step/2> .
<id/method/frameworks> a escr:Method , skos:Concept ; {NAMES} ; skos:definition "How."@en ; {ENTRY} ; {SEEN} .
<id/method/opera/step/1> a escr:MethodStep ; escr:stepNumber 1 ; {NAMES} ; rdfs:seeAlso <id/method/frameworks> .
<id/method/opera/step/2> a escr:MethodStep ; escr:stepNumber 2 ; {NAMES} .
<id/right/food> a escr:Right , skos:Concept ; {NAMES} ; skos:definition "What."@en ; skos:notation "food" ;
  escr:legalBasis <id/scheme/icescr/11> ; escr:interpretedBy <id/resource/covenant> ;
  skos:broader <id/right/living> ;
  skos:related <id/method/opera> ; {ENTRY} ; {MATCH} ; {SEEN} .
<id/right/living> a escr:Right , skos:Concept ; {NAMES} ; skos:definition "What."@en ;
  escr:legalBasis <id/scheme/icescr/11> ; {ENTRY} ; {SEEN} .
<id/obligation/fulfil> a escr:Obligation , skos:Concept ; {NAMES} ; skos:definition "What."@en ;
  skos:notation "fulfil" ;
  skos:broader <id/obligation/all> ; skos:related <id/method/opera> ; escr:legalBasis <id/scheme/icescr/11> ;
  escr:interpretedBy <id/resource/covenant> ; {ENTRY} ; {SEEN} .
<id/obligation/all> a escr:Obligation , skos:Concept ; {NAMES} ; {ENTRY} .
<id/indicator/stunting> a escr:Indicator , skos:Concept ; {NAMES} ; skos:definition "What."@en ; {ENTRY} ;
  {MATCH} ; {SEEN} .
<id/scheme/list> a skos:ConceptScheme ; {NAMES} ; skos:definition "What."@en ; skos:notation "list" ;
  dcterms:subject <id/resource/covenant> ; skos:hasTopConcept <id/scheme/list/one> ; {SEEN} .
<id/scheme/list/one> skos:definition "What."@en ; skos:notation "one" ; skos:broader <id/scheme/list/two> ;
  skos:related <id/scheme/list/two> ; skos:topConceptOf <id/scheme/list> ; {SEEN} .
<id/scheme/icescr/11> a escr:LegalProvision , skos:Concept ; {NAMES} ; skos:notation "11" ;
  dcterms:isPartOf <id/resource/covenant> ; {ENTRY} ; {SEEN} .
"""
PLACES = f"""
<id/country/gtm> a escr:Country , skos:Concept ; {NAMES} ; skos:altLabel "Other" ;
  skos:broader <id/region/americas> ;
  escr:iso2 "GT" ; escr:iso3 "GTM" ; escr:m49 "320" ; escr:partyTo <id/country/gtm/covenant/icescr> ; {ENTRY} ;
  {MATCH} ; {SEEN} .
<id/country/gtm/covenant/icescr> a escr:TreatyStatus ; escr:treaty <id/resource/covenant> ;
  escr:treatyStatus <id/scheme/covenant-status/ratified> ; dcterms:date "1988-05-19"^^edtf:EDTF ;
  escr:asOf "2015-03"^^edtf:EDTF ;
  dcterms:source <https://example.org/seen> ; {DERIVED} .
<id/region/americas> a escr:Region , skos:Concept ; {NAMES} ; skos:altLabel "Other" ;
  skos:broader <id/region/world> ;
  escr:m49 "019" ; {ENTRY} ; {MATCH} ; {SEEN} .
<id/region/world> a escr:Region , skos:Concept ; {NAMES} ; {ENTRY} .
"""
ACTIVITY = f"""
<id/discussion/talk> a escr:Discussion ; dcterms:title "A talk"@en ;
  dcterms:type <id/scheme/discussion-kind/webinar> ;
  dcterms:abstract {TEXT} ; dcterms:date "2013-09-16/2013-09-17"^^edtf:EDTF ; escr:moderator <id/person/ana-paz> ;
  escr:participant <id/organization/cesr> ; {ABOUT} ; escr:discusses <id/resource/paper> ;
  escr:wrapUp <id/update/news> ; sioc:container_of <id/discussion/talk/post/1> ;
  foaf:page <https://example.org/talk> ; {SEEN} ; {DERIVED} .
<id/discussion/talk/post/1> a sioc:Post ; dcterms:description "What I think."@en ; dcterms:creator <id/person/ana-paz> ;
  dcterms:date "2013-09-16"^^edtf:EDTF ; {DERIVED} .
<id/update/news> a escr:Update , escr:Opportunity ; dcterms:title "A call"@en ;
  dcterms:type <id/scheme/update-kind/opportunity> ;
  dcterms:abstract {TEXT} ; dcterms:date "XXXX-03-05"^^edtf:EDTF ; schema:validThrough "2999-01-01"^^xsd:date ;
  escr:organization <id/organization/cesr> ; {ABOUT} ; schema:about <id/discussion/talk> ;
  foaf:page <https://example.org/call> ;
  {SEEN} ; {DERIVED} .
"""
FINDING = f"""
<id/finding/case> a escr:Finding ; rdfs:label "Food, people in poverty, Guatemala"@en ;
  escr:country <id/country/gtm> ;
  escr:usesMethod <id/method/opera> ; escr:standing <id/scheme/standing/adjudicated> ; escr:forum "Court"@en ;
  escr:caseTitle "Case" ;
  escr:verified <id/scheme/record-status/verified> ; escr:establishes <id/finding/case/deprivation> ;
  escr:evidence <id/finding/case/evidence/1> ; escr:contradictedBy <id/finding/case/evidence/2> ;
  escr:followedBy <id/finding/case/consequence/1> ; escr:reply "No."@en ; {SEEN} ;
  escr:responsibleInstitution <id/organization/gov-gtm> ; escr:chainGap <id/scheme/chain-gap/no-period> .
<id/finding/case/deprivation> a escr:Deprivation ; dcterms:description {TEXT} ; escr:right <id/right/food> ;
  escr:populationGroup <id/scheme/population-group/people-in-poverty> ; escr:period "1996/2009"^^edtf:EDTF ;
  escr:measuredBy <id/finding/case/observation/1> ; escr:attributedTo <id/finding/case/failure> ; {DERIVED} .
<id/finding/case/observation/1> a escr:Observation ; escr:indicator <id/indicator/stunting> ; escr:value 43.4 ;
  escr:unit <id/scheme/unit/percent-of-children> ; escr:qualifier <id/scheme/qualifier/about> .
<id/finding/case/failure> a escr:PolicyFailure ; dcterms:description {TEXT} ;
  dcterms:type <id/scheme/failure-kind/budget> ;
  escr:breaches <id/obligation/fulfil> ; escr:underProvision <id/scheme/icescr/11> ;
  escr:committedBy <id/organization/gov-gtm> ;
  escr:institutionLabel "Government" .
<id/finding/case/evidence/1> a escr:Evidence ; dcterms:title "Report" ; foaf:page <https://example.org/report> ;
  dcterms:relation <id/resource/paper> ; cito:supports <id/finding/case> ;
  dcterms:source <https://example.org/seen> .
<id/finding/case/evidence/2> a escr:Evidence ; dcterms:title "Answer" ; foaf:page <https://example.org/answer> ;
  dcterms:source <https://example.org/seen> .
<id/finding/case/consequence/1> a escr:Consequence ; dcterms:description {TEXT} ;
  dcterms:type <id/scheme/consequence-kind/decision> ;
  dcterms:date "2012-02"^^edtf:EDTF ; escr:by <id/organization/cesr> ; {DERIVED} .
<id/organization/gov-gtm> a org:Organization ; skos:prefLabel "Gobierno"@es ;
  org:classification <id/scheme/organization-type/government> ;
  escr:country <id/country/gtm> ; dcterms:source <https://example.org/seen> .
"""
WORLD = RESOURCE + ORGANIZATION + VOCABULARY + PLACES + ACTIVITY + FINDING
